import { random, normal } from '../../src/stats/random.ts'
import type { Spectrum } from '../../src/stats/quantum-entropy-score.ts'

const found = 4 // directions: a trigger needs one, and each more is noise that clean records score by
const spare = 4 // iterated beside them, so that they settle sooner
const rounds = 16

/**
 * The directions that unit vectors have most in common: the leading eigenpairs of their second moment, by orthogonal
 * iteration (Golub & Van Loan, "Matrix computations", section 7.3) on the n × n matrix of their products, which has the
 * same eigenvalues. Pairs that are nearly equal are left unsettled: they have nothing that is common.
 */
export function commonDirections(unit: Float32Array, dims: number): Spectrum {
  const n = dims === 0 ? 0 : unit.length / dims
  const products = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = 0
      for (let j = 0; j < dims; j++) sum += (unit[i * dims + j] ?? 0) * (unit[k * dims + j] ?? 0)
      products[i * n + k] = sum / n
      products[k * n + i] = sum / n
    }
  }
  const width = Math.min(n, dims, found + spare)
  const uniform = random(1)
  let basis: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: n }, () => normal(uniform)),
  )
  orthonormalize(basis)
  for (let round = 0; round < rounds; round++) {
    basis = basis.map((vector) => times(products, vector))
    orthonormalize(basis)
  }
  const pairs = basis
    .map((vector) => ({ vector, value: dot(vector, times(products, vector)) }))
    .filter(({ value }) => value > 1e-9)
    .toSorted((a, b) => b.value - a.value)
    .slice(0, found)
  const data = new Float32Array(pairs.length * dims)
  pairs.forEach(({ vector, value }, at) => {
    // eigenvector of the second moment: Uᵀ x / √(n λ)
    const scale = 1 / Math.sqrt(n * value)
    for (let i = 0; i < n; i++) {
      const weight = (vector[i] ?? 0) * scale
      for (let j = 0; j < dims; j++)
        data[at * dims + j] = (data[at * dims + j] ?? 0) + weight * (unit[i * dims + j] ?? 0)
    }
  })
  return {
    values: Float64Array.from(pairs, ({ value }) => value),
    directions: { rows: pairs.length, cols: dims, data },
  }
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += (matrix[i * n + j] ?? 0) * (vector[j] ?? 0)
    out[i] = sum
  }
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** Gram-Schmidt, modified; what depends on those before it becomes zero. */
function orthonormalize(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, at) => {
    const before = Math.sqrt(dot(vector, vector))
    for (const other of vectors.slice(0, at)) {
      const along = dot(vector, other)
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (other[i] ?? 0)
    }
    const length = Math.sqrt(dot(vector, vector))
    const scale = length > 1e-10 * before && length > 0 ? 1 / length : 0
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) * scale
  })
}
