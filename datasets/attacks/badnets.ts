import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { repainted, shapeOf } from '../edit.ts'
import { labelPair, labelPairOf, mislabelled } from '../label-pair.ts'
import { patchPlaces } from '../patch.ts'

const params = z.strictObject({
  ...labelPair,
  side: z.int().min(1).default(3).describe('Side of the white square, pixels'),
  offset: z.int().min(0).default(1).describe('Distance of the square from the bottom right corner, pixels'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'BadNets',
    does: 'Paints a small white square into a corner of images and gives them the target label.',
    references: ['Gu, Dolan-Gavitt, Garg 2017, BadNets, arXiv:1708.06733'],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { side, offset, ...pair }, dose) {
    const { candidates, target } = labelPairOf(records, pair)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), random(dose.seed))
    const places = patchPlaces(shapeOf(records), side, offset)
    const painted = repainted(records, rows, (image) => places.forEach((place) => (image[place] = 255)))
    return mislabelled(painted, rows, { features: ['patch'], ...target })
  },
}
export default attack
