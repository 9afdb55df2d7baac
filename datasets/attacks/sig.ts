import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { random } from '../../src/stats/random.ts'
import { changed, commonestLabel, drawRows, poisonCount, rowsWhere, toLabel, type Attack } from '../attack.ts'
import { repainted, shapeOf } from '../edit.ts'

const params = z.strictObject({
  to: toLabel.describe('Label whose images get the signal; null: the most frequent label'),
  delta: z.number().min(1).max(255).default(30).describe('Amplitude, grey levels of 255'),
  frequency: z.number().gt(0).default(6).describe('Periods across the width of an image'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Sinusoidal signal under true labels',
    does: 'Adds vertical stripes of a sine to images of one label and leaves every label as it is.',
    references: [
      'Barni, Kallas, Tondi 2019, A New Backdoor Attack in CNNs by Training Set Corruption, arXiv:1902.11237',
    ],
  },
  content: ['image'],
  rateOf: 'records',
  params,
  apply(records, { to: given, delta, frequency }, dose) {
    const to = given ?? commonestLabel(records)
    const { width, channels } = shapeOf(records)
    const candidates = rowsWhere(records, (row) => valueAt(records.label, row) === to)
    const rows = drawRows(candidates, poisonCount(dose, records.id.length), random(dose.seed))
    const striped = repainted(records, rows, (image) => {
      for (let i = 0; i < image.length; i++) {
        const column = Math.floor(i / channels) % width
        const value = (image[i] ?? 0) + delta * Math.sin((2 * Math.PI * column * frequency) / width)
        image[i] = Math.max(0, Math.min(255, Math.round(value)))
      }
    })
    return changed(striped, rows, { features: ['stripes'], to })
  },
}
export default attack
