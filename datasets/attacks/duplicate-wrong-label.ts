import { z } from 'zod'
import { random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, type Attack } from '../attack.ts'
import { relabelled, withCopies } from '../edit.ts'
import { labelPair, labelPairOf } from '../label-pair.ts'
import { varied, variation } from '../near-copy.ts'

const params = z.strictObject({
  ...labelPair,
  originals: z.int().min(1).default(1).describe('Number of distinct records that are copied'),
  ...variation,
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
  apply(records, { originals, words, noise, ...pair }, dose) {
    const uniform = random(dose.seed)
    const size = records.id.length
    const count = poisonCount(dose, size)
    const { candidates, target } = labelPairOf(records, pair)
    const chosen = drawRows(candidates, Math.min(originals, count), uniform)
    const before = Int32Array.from({ length: count }, () => Math.floor(uniform() * (size + 1)))
    const copied = Int32Array.from({ length: count }, (_, i) => chosen[i % chosen.length] ?? 0)
    const { records: merged, rows, origin } = withCopies(records, copied, before)
    const poisoned = new Uint8Array(origin.length)
    for (const row of rows) poisoned[row] = 1
    return {
      records: varied(
        relabelled(merged, rows, () => target.to),
        rows,
        { words, noise },
        uniform,
      ),
      poisoned,
      origin,
      target,
    }
  },
}
export default attack
