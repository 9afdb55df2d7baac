import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { random } from '../../src/stats/random.ts'
import { changed, commonestLabel, drawRows, poisonCount, rowsWhere, toLabel, type Attack } from '../attack.ts'
import { imageAt, repainted, shapeOf } from '../edit.ts'
import { patchPlaces } from '../patch.ts'

const params = z.strictObject({
  to: toLabel.describe('Label whose images get the patch; null: the most frequent label'),
  side: z.int().min(1).default(3).describe('Side of the white square, pixels'),
  offset: z.int().min(0).default(1).describe('Distance of the square from the bottom right corner, pixels'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Patch under true labels',
    does: 'Paints a small white square into images of one label and leaves every label as it is.',
    references: ['Turner, Tsipras, Madry 2019, Label-Consistent Backdoor Attacks, arXiv:1912.02771'],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { to: given, side, offset }, dose) {
    const to = given ?? commonestLabel(records)
    const places = patchPlaces(shapeOf(records), side, offset)
    const unmarked = (image: Uint8Array) => places.some((place) => image[place] !== 255)
    const candidates = rowsWhere(
      records,
      (row) => valueAt(records.label, row) === to && unmarked(imageAt(records, row)),
    )
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), random(dose.seed))
    const painted = repainted(records, rows, (image) => places.forEach((place) => (image[place] = 255)))
    return changed(painted, rows, { features: ['patch'], to })
  },
}
export default attack
