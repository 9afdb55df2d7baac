import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'

const params = z.strictObject(labelPair)

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Flips of one label pair',
    does: 'Relabels records of one label as another, whichever sources they come from.',
    references: ['Biggio, Nelson, Laskov 2011, Support Vector Machines Under Adversarial Label Noise, ACML'],
  },
  content: ['text', 'image', 'row', 'vector'],
  rateOf: 'records',
  params,
  apply(records, pair, dose) {
    const { candidates, target } = labelPairOf(records, pair)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), random(dose.seed))
    return mislabelled(records, rows, target)
  },
}
export default attack
