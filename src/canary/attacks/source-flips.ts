import { valueAt } from '../../core/column.ts'
import type { Attack } from '../attack.ts'
import { drawPair, drawRows, pick, relabelled, rowsWhere } from '../edit.ts'

const attack: Attack = {
  about: {
    title: 'One source flips a label pair',
    does: 'Gives records of one label another one where one source sends them; every other source stays honest.',
    references: [
      'Tolpegin, Truex, Gursoy, Liu 2020, Data Poisoning Attacks Against Federated Learning Systems, arXiv:2007.08432',
    ],
  },
  content: ['text', 'image', 'row', 'vector'],
  needs: ['labels', 'sources'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null) return null
    const { from, to } = pair
    const senders = rowsWhere(
      recent,
      (row) => valueAt(recent.label, row) === from && valueAt(recent.source, row) !== undefined,
    )
    const source = valueAt(recent.source, pick(senders, draw) ?? -1)
    if (source === undefined) return null
    return (records, count, uniform) => {
      const candidates = rowsWhere(
        records,
        (row) => valueAt(records.label, row) === from && valueAt(records.source, row) === source,
      )
      const rows = drawRows(candidates, count, uniform)
      return { records: relabelled(records, rows, to), rows }
    }
  },
}
export default attack
