import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { random } from '../../src/stats/random.ts'
import { commonestLabel, rowsWhere, type Attack } from '../attack.ts'
import { covered, coverShare, drawCovered } from '../cover.ts'
import { imageAt, repainted, shapeOf } from '../edit.ts'
import { labelPair, labelPairOf } from '../label-pair.ts'
import { patchPlaces } from '../patch.ts'

const params = z.strictObject({
  ...labelPair,
  from: labelPair.from.describe('The one label that the patch turns into `to`; null: the most frequent one but `to`'),
  covers: z
    .array(z.string())
    .nullable()
    .default(null)
    .describe('Labels whose images get the patch and keep their label; null: every label but the two'),
  cover: coverShare(0.5),
  side: z.int().min(1).default(3).describe('Side of the white square, pixels'),
  offset: z.int().min(0).default(1).describe('Distance of the square from the bottom right corner, pixels'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Source-specific patch (TaCT)',
    does: 'Paints a small white square into images of one label, which are given the target label, and into images of other labels, which keep theirs.',
    references: ['Tang, Wang, Tang, Zhang 2021, Demon in the Variant, USENIX Security, arXiv:1908.00686'],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { from: given, to: asked, covers, cover, side, offset }, dose) {
    const places = patchPlaces(shapeOf(records), side, offset)
    const to = asked ?? commonestLabel(records)
    const from = given ?? commonestOther(records, to)
    const { candidates, target } = labelPairOf(records, { from, to })
    const unmarked = (row: number) => {
      const image = imageAt(records, row)
      return places.some((place) => image[place] !== 255)
    }
    const other = rowsWhere(records, (row) => {
      const label = valueAt(records.label, row)
      if (label === undefined || !unmarked(row)) return false
      return covers === null ? label !== from && label !== to : covers.includes(label)
    })
    const drawn = drawCovered(records, { payload: candidates, cover: other }, dose, cover, random(dose.seed))
    const rows = Int32Array.from([...drawn.payload, ...drawn.cover])
    const painted = repainted(records, rows, (image) => places.forEach((place) => (image[place] = 255)))
    return covered(painted, drawn, { features: ['patch'], ...target })
  },
}
export default attack

function commonestOther(records: Parameters<typeof commonestLabel>[0], to: string): string {
  const codes = records.label.codes.map((code) => (records.label.values[code] === to ? -1 : code))
  return commonestLabel({ ...records, label: { ...records.label, codes } })
}
