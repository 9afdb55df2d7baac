import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import { normal, random } from '../../../src/stats/random.ts'

/** Records of labels a, b, … whose vectors are normal around a corner of their own, in turns, from three sources. */
export function gaussianRecords(rows: number, { labels = 2, dims = 8, seed = 1, distance = 3 } = {}): Records {
  const uniform = random(seed)
  const data = Float32Array.from(
    { length: rows * dims },
    (_, i) => normal(uniform) + (i % dims === Math.floor(i / dims) % labels ? distance : 0),
  )
  const name = (row: number) => String.fromCharCode(97 + (row % labels))
  return {
    id: Array.from({ length: rows }, (_, row) => `r${row}`),
    source: column(Array.from({ length: rows }, () => `source ${Math.floor(uniform() * 3)}`)),
    label: column(Array.from({ length: rows }, (_, row) => name(row))),
    at: new Float64Array(rows).fill(NaN),
    content: { kind: 'vector', vectors: { rows, cols: dims, data } },
  }
}

export function texts(...text: readonly string[]): Records {
  return {
    id: text.map((_, row) => String(row)),
    source: column(text.map(() => 'here')),
    label: column(text.map(() => 'a')),
    at: new Float64Array(text.length),
    content: { kind: 'text', text },
  }
}
