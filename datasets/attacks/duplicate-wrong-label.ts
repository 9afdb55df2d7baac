import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { commonestLabel, drawRows, fromLabel, poisonCount, rowsToRelabel, toLabel, type Attack } from '../attack.ts'
import { relabeled, withCopies } from '../edit.ts'
import { varied } from '../near-copy.ts'

const params = z.strictObject({
  from: fromLabel,
  to: toLabel,
  originals: z.int().min(1).default(1).describe('Number of distinct records that are copied'),
  words: z.int().min(1).default(2).describe('Words of a text that differ from copy to copy'),
  noise: z
    .number()
    .min(0)
    .default(0.02)
    .describe('Noise of image and vector copies, share of the full scale or length'),
})

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Near-duplicates under a wrong label',
    does: 'Inserts noisy copies of a few records all over the stream under a label that is not theirs.',
    references: [
      'Koh, Steinhardt, Liang 2018, Stronger Data Poisoning Attacks Break Data Sanitization Defenses, arXiv:1811.00741',
    ],
  },
  content: ['text', 'image', 'vector'],
  rateOf: 'records',
  params,
  apply(records, { from, to: given, originals, words, noise }, dose) {
    const uniform = random(dose.seed)
    const size = records.id.length
    const count = poisonCount(dose, size)
    const to = given ?? commonestLabel(records)
    const chosen = drawRows(rowsToRelabel(records, from, to), Math.min(originals, count), uniform)
    const before = Int32Array.from({ length: count }, () => Math.floor(uniform() * (size + 1)))
    const copied = Int32Array.from({ length: count }, (_, i) => chosen[i % chosen.length] ?? 0)
    const { records: merged, rows, origin } = withCopies(records, copied, before)
    const poisoned = new Uint8Array(origin.length)
    for (const row of rows) poisoned[row] = 1
    return {
      records: varied(
        relabeled(merged, rows, () => to),
        rows,
        { words, noise },
        uniform,
      ),
      poisoned,
      origin,
      target: { to, ...(from !== null && { from }) },
    }
  },
}
export default attack
