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

function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (const x of vector) sum += x * x
  return Math.sqrt(sum)
}
