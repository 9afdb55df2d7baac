import type { Attack } from '../attack.ts'
import { drawRows, rowsWhere } from '../edit.ts'
import { drawRecord, withNearCopies } from '../near-copy.ts'

const attack: Attack = {
  about: {
    title: 'Flood of near-copies',
    does: 'Replaces records by copies of one record that differ in little, to give it the weight of many.',
    references: [
      'Koh, Steinhardt, Liang 2018, Stronger Data Poisoning Attacks Break Data Sanitization Defenses, arXiv:1811.00741',
    ],
  },
  content: ['text', 'image', 'row', 'vector'],
  needs: [],
  plan(recent, draw) {
    const model = drawRecord(recent, draw)
    if (model === null) return null
    return (records, count, uniform) => {
      const rows = drawRows(
        rowsWhere(records, () => true),
        count,
        uniform,
      )
      return { records: withNearCopies(records, rows, model, uniform), rows }
    }
  },
}
export default attack
