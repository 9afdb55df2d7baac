import type { Records } from '../src/core/batch.ts'
import { permutation } from '../src/stats/random.ts'

/** The records as if `count` sources named s00, s01, … had sent them, equally many each, at random. */
export function withSources(records: Records, count: number, uniform: () => number): Records {
  const order = permutation(records.id.length, uniform)
  const digits = String(count - 1).length
  return {
    ...records,
    source: {
      values: Array.from({ length: count }, (_, i) => `s${String(i).padStart(digits, '0')}`),
      codes: order.map((place) => place % count),
    },
  }
}
