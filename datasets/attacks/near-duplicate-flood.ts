import { z } from 'zod'
import { valueAt } from '../../src/core/column.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { drawRows, poisonCount, rowsWhere, type Attack } from '../attack.ts'
import { resourced, withCopies } from '../edit.ts'
import { varied, variation } from '../near-copy.ts'

const params = z.strictObject({
  label: z.string().nullable().default(null).describe('Label of the record that is copied; null: any'),
  sources: z
    .int()
    .min(1)
    .default(1)
    .describe('Number of sources that send the copies; 1: the source of the record copied'),
  ...variation,
  spread: z.number().min(1).default(4).describe('The copies arrive among this many records for each copy'),
  start: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('Where they begin, share of the stream; null: anywhere they fit'),
})

const SHORTEST = 20 // words: shorter texts are not flooded, with two words changed they would be other texts

const attack: Attack<z.infer<typeof params>> = {
  about: {
    title: 'Flood of near-duplicates',
    does: 'Inserts many copies of one record that differ in little, or not at all, to give it the weight of many.',
    references: [
      'Koh, Steinhardt, Liang 2018, Stronger Data Poisoning Attacks Break Data Sanitization Defenses, arXiv:1811.00741',
    ],
  },
  content: ['text', 'image', 'vector'],
  rateOf: 'records',
  params,
  apply(records, { label, sources, words, noise, spread, start }, dose) {
    const uniform = random(dose.seed)
    const size = records.id.length
    const count = poisonCount(dose, size)
    const { content } = records
    const candidates = rowsWhere(
      records,
      (row) =>
        (label === null || valueAt(records.label, row) === label) &&
        (content.kind !== 'text' || (content.text[row] ?? '').trim().split(/\s+/).length >= SHORTEST),
    )
    const [original = 0] = drawRows(candidates, 1, uniform)
    const window = Math.min(size, Math.round(count * spread))
    const first = Math.round((start ?? uniform()) * (size - window))
    const before = Int32Array.from({ length: count }, () => first + Math.floor(uniform() * window))
    const { records: merged, rows, origin } = withCopies(records, new Int32Array(count).fill(original), before)
    const senders = sources === 1 ? [] : [...permutation(records.source.values.length, uniform).subarray(0, sources)]
    const sent = resourced(
      merged,
      senders.length === 0 ? [] : rows,
      () => records.source.values[senders[Math.floor(uniform() * senders.length)] ?? 0] ?? '',
    )
    const poisoned = new Uint8Array(origin.length)
    for (const row of rows) poisoned[row] = 1
    const source = sources === 1 ? valueAt(records.source, original) : undefined
    const to = valueAt(records.label, original)
    return {
      records: varied(sent, rows, { words, noise }, uniform),
      poisoned,
      origin,
      target: { ...(source !== undefined && { source }), ...(to !== undefined && { to }) },
    }
  },
}
export default attack
