import { select, type Records } from '../src/core/batch.ts'
import { permutation, random } from '../src/stats/random.ts'

export interface Parts {
  readonly trusted: Records
  readonly stream: Records
}

/** Random disjoint parts of records; each keeps the order of arrival. */
export function randomParts(records: Records, trusted: number, stream: number, seed: number): Parts {
  if (trusted + stream > records.id.length)
    throw new Error(`${trusted} trusted and ${stream} streamed records were asked for, there are ${records.id.length}`)
  const order = permutation(records.id.length, random(seed))
  return {
    trusted: select(records, order.slice(0, trusted).toSorted()),
    stream: select(records, order.slice(trusted, trusted + stream).toSorted()),
  }
}

/** Rows first … last - 1. */
export function slice(records: Records, first: number, last: number): Records {
  return select(
    records,
    Int32Array.from({ length: Math.max(0, Math.min(last, records.id.length) - first) }, (_, i) => first + i),
  )
}

/** Consecutive batches of equal size; a shorter rest is left out. */
export function* batches(records: Records, size: number): Generator<Records> {
  for (let first = 0; first + size <= records.id.length; first += size) yield slice(records, first, first + size)
}
