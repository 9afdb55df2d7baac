import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import {
  changed,
  commonestLabel,
  drawRows,
  fromLabel,
  poisonCount,
  rowsToRelabel,
  toLabel,
  type Attack,
} from '../attack.ts'
import { relabeled } from '../edit.ts'

const params = z.strictObject({ from: fromLabel, to: toLabel })

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Flips of one label pair',
    does: 'Relabels records of one label as another, whichever sources they come from.',
    references: ['Biggio, Nelson, Laskov 2011, Support Vector Machines Under Adversarial Label Noise, ACML'],
  },
  content: ['text', 'image', 'row', 'vector'],
  rateOf: 'records',
  params,
  apply(records, { from, to: given }, dose) {
    const to = given ?? commonestLabel(records)
    const count = poisonCount(dose, records.id.length)
    const rows = drawRows(rowsToRelabel(records, from, to), count, random(dose.seed))
    return changed(
      relabeled(records, rows, () => to),
      rows,
      { to, ...(from !== null && { from }) },
    )
  },
}
export default attack
