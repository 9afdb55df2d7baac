import { valueAt } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { rowOf, type Matrix } from '../../src/core/matrix.ts'

export interface Protected {
  readonly ids: readonly string[]
  readonly labels: readonly string[] // '': none
  readonly vectors: Matrix<Float64Array> // of unit length, one a row
}

export interface Collision {
  readonly row: number
  readonly of: number // index of the protected record that it is nearest to
  readonly cosine: number
}

/** The records with these ids. */
export function protectedFrom(trusted: Encoded, ids: ReadonlySet<string>): Protected {
  const rows = trusted.records.id.flatMap((id, row) => (ids.has(id) ? [row] : []))
  const { cols } = trusted.vectors
  const data = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => {
    const vector = rowOf(trusted.vectors, row)
    const length = lengthOf(vector)
    vector.forEach((x, j) => (data[i * cols + j] = length > 0 ? x / length : 0))
  })
  return {
    ids: rows.map((row) => trusted.records.id[row] ?? ''),
    labels: rows.map((row) => valueAt(trusted.records.label, row) ?? ''),
    vectors: { rows: rows.length, cols, data },
  }
}

/** Labelled records that are nearer than `least` to a protected one of another label, in their order. */
export function collisionsOf(batch: Encoded, { labels, vectors }: Protected, least: number): Collision[] {
  const collisions: Collision[] = []
  const { cols, data } = vectors
  for (let row = 0; row < batch.label.length; row++) {
    const label = valueAt(batch.records.label, row)
    if (label === undefined) continue
    const vector = rowOf(batch.vectors, row)
    const length = lengthOf(vector)
    let nearest: Collision | null = null
    for (let of = 0; of < labels.length; of++) {
      if (labels[of] === label) continue
      let product = 0
      for (let j = 0; j < cols; j++) product += (vector[j] ?? 0) * (data[of * cols + j] ?? 0)
      const cosine = length > 0 ? Math.min(1, product / length) : 0
      if (cosine > (nearest?.cosine ?? least)) nearest = { row, of, cosine }
    }
    if (nearest !== null) collisions.push(nearest)
  }
  return collisions
}

const mostCompared = 2000

/** Pairs of trusted records with different labels, and how many of them are nearer to each other than `least`. */
export function collidingPairs(
  trusted: Encoded,
  least: number,
): { readonly colliding: number; readonly pairs: number } {
  const { cols } = trusted.vectors
  const step = Math.max(1, Math.ceil(trusted.label.length / mostCompared))
  const rows = Array.from(trusted.label.keys()).filter((row) => row % step === 0 && (trusted.label[row] ?? -1) >= 0)
  const unit = rows.map((row) => {
    const vector = rowOf(trusted.vectors, row)
    const length = lengthOf(vector) || 1
    return Float64Array.from(vector, (x) => x / length)
  })
  let colliding = 0
  let pairs = 0
  unit.forEach((a, i) => {
    for (let k = 0; k < i; k++) {
      if (trusted.label[rows[i] ?? 0] === trusted.label[rows[k] ?? 0]) continue
      const b = unit[k] ?? a
      let product = 0
      for (let j = 0; j < cols; j++) product += (a[j] ?? 0) * (b[j] ?? 0)
      pairs++
      if (product > least) colliding++
    }
  })
  return { colliding, pairs }
}

function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (const x of vector) sum += x * x
  return Math.sqrt(sum)
}
