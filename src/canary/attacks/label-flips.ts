import { valueAt } from '../../core/column.ts'
import type { Attack } from '../attack.ts'
import { drawPair, drawRows, relabelled, rowsWhere } from '../edit.ts'

const attack: Attack = {
  about: {
    title: 'Flips of one label pair',
    does: 'Gives records of one label another one, whichever sources they come from.',
    references: ['Biggio, Nelson, Laskov 2011, Support Vector Machines Under Adversarial Label Noise, ACML'],
  },
  content: ['text', 'image', 'row', 'vector'],
  needs: ['labels'],
  plan(recent, draw) {
    const pair = drawPair(recent, draw)
    if (pair === null) return null
    return (records, count, uniform) => {
      const candidates = rowsWhere(records, (row) => valueAt(records.label, row) === pair.from)
      const rows = drawRows(candidates, count, uniform)
      return { records: relabelled(records, rows, pair.to), rows }
    }
  },
}
export default attack
