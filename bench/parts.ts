import { select, type Records } from '../src/core/batch.ts'
import { column, valueAt } from '../src/core/column.ts'
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

/** The same records in random order: what is fixed in the order of a file (its writers, say) is drift, and no attack. */
export function shuffled(records: Records, seed: number): Records {
  return select(records, permutation(records.id.length, random(seed)))
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

/** The records of one text after those of another, labels by name. */
export function joined(a: Records, b: Records): Records {
  if (a.content.kind !== 'text' || b.content.kind !== 'text') throw new Error('only texts are joined')
  const names = (of: Records['label'], rows: number) => Array.from({ length: rows }, (_, row) => valueAt(of, row))
  return {
    id: [...a.id, ...b.id],
    source: column([...names(a.source, a.id.length), ...names(b.source, b.id.length)]),
    label: column([...names(a.label, a.id.length), ...names(b.label, b.id.length)]),
    at: Float64Array.from([...a.at, ...b.at]),
    content: { kind: 'text', text: [...a.content.text, ...b.content.text] },
  }
}
