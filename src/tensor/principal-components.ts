import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix'
import { TasterError } from '../core/errors.ts'
import type { Matrix } from '../core/matrix.ts'
import { normal, random } from '../stats/random.ts'
import { startBackend } from './backend.ts'
import { multiply } from './mat-mul.ts'

export interface PrincipalComponents {
  readonly mean: Float64Array // cols
  readonly components: Matrix // cols × dims, orthonormal columns, largest variance first
}

const rowsAtOnce = 2048
const oversampling = 10
const rounds = 6 // of two products each

/**
 * The directions of largest variance of the rows, by subspace iteration on the scatter matrix with more directions
 * than asked for and a Rayleigh-Ritz step at the end (Halko, Martinsson, Tropp: Finding structure with randomness,
 * SIAM Review 53, 2011). Data is centred and brought to a common scale in float64 before products are taken. Fewer
 * than `dims` components where rows or columns do not give as many. Values must be finite. The largest entry of a
 * component is positive.
 */
export async function principalComponents(data: Matrix, dims: number, seed: number): Promise<PrincipalComponents> {
  await startBackend()
  return leadingComponents(data, dims, seed)
}

/** `principalComponents` for those who cannot wait: on the backend that was started. */
export function leadingComponents(data: Matrix, dims: number, seed: number): PrincipalComponents {
  const { rows, cols } = data
  const mean = columnMeans(data)
  const wanted = Math.min(dims, cols, Math.max(1, rows - 1))
  const width = Math.min(cols, wanted + oversampling)
  const scatter = scatterMatrix(data, mean)
  const times = (directions: Float64Array) =>
    transposed(multiply(scatter, matrixOf(directions, cols, width)).data, cols, width)

  const uniform = random(seed)
  let basis: Float64Array = new Float64Array(cols * width).map(() => normal(uniform)) // one direction after another
  orthonormalize(basis, cols, width)
  for (let round = 0; round < rounds; round++) {
    basis = times(times(basis))
    orthonormalize(basis, cols, width)
  }
  orthonormalize(basis, cols, width) // again: once leaves rounding behind

  const components = new Float32Array(cols * wanted)
  const axes = rotation(basis, times(basis), cols, width)
  for (let j = 0; j < wanted; j++) {
    const direction = new Float64Array(cols)
    for (let w = 0; w < width; w++) {
      for (let i = 0; i < cols; i++) {
        direction[i] = (direction[i] ?? 0) + (basis[w * cols + i] ?? 0) * (axes[w * width + j] ?? 0)
      }
    }
    const largest = direction.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
    for (let i = 0; i < cols; i++) components[i * wanted + j] = (direction[i] ?? 0) * (largest < 0 ? -1 : 1)
  }
  return { mean, components: { rows: cols, cols: wanted, data: components } }
}

/** Coordinates of rows along components: (row − mean) · components, centred in float64. */
export async function projectOnto(data: Matrix, components: PrincipalComponents): Promise<Matrix> {
  await startBackend()
  return projected(data, components)
}

/** `projectOnto` for those who cannot wait: on the backend that was started. */
export function projected(data: Matrix, { mean, components }: PrincipalComponents): Matrix {
  const { rows, cols } = data
  const centred = new Float32Array(data.data.length)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++) centred[row * cols + i] = (data.data[row * cols + i] ?? 0) - (mean[i] ?? 0)
  }
  return multiply({ rows, cols, data: centred }, components)
}

function columnMeans({ rows, cols, data }: Matrix): Float64Array {
  const mean = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++) mean[i] = (mean[i] ?? 0) + (data[row * cols + i] ?? 0)
  }
  return mean.map((sum) => sum / Math.max(1, rows))
}

/** The scatter matrix of the rows around their mean, up to a factor, summed in float64 over pieces of rows. */
function scatterMatrix({ rows, cols, data }: Matrix, mean: Float64Array): Matrix {
  let largest = 0
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++) {
      largest = Math.max(largest, Math.abs((data[row * cols + i] ?? 0) - (mean[i] ?? 0)))
    }
  }
  if (!Number.isFinite(largest))
    throw new TasterError('INVARIANT_BROKEN', 'principal components of data that is not finite')
  const scale = largest === 0 ? 0 : 1 / largest
  const sum = new Float64Array(cols * cols)
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - from)
    const centred = new Float32Array(count * cols)
    const transposed = new Float32Array(count * cols)
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < cols; i++) {
        const value = ((data[(from + row) * cols + i] ?? 0) - (mean[i] ?? 0)) * scale
        centred[row * cols + i] = value
        transposed[i * count + row] = value
      }
    }
    const product = multiply({ rows: cols, cols: count, data: transposed }, { rows: count, cols, data: centred })
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (product.data[i] ?? 0) / rows
  }
  return { rows: cols, cols, data: Float32Array.from(sum) }
}

function matrixOf(directions: Float64Array, cols: number, width: number): Matrix {
  return { rows: cols, cols: width, data: Float32Array.from(transposed(directions, width, cols)) }
}

function transposed(of: Float32Array | Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = of[i * cols + j] ?? 0
  return out
}

/**
 * Modified Gram-Schmidt on vectors of `length` that stand one after another. One that depends on those before it is
 * replaced by the first unit vector that does not.
 */
function orthonormalize(vectors: Float64Array, length: number, count: number): void {
  let spare = 0
  for (let j = 0; j < count; j++) {
    const vector = vectors.subarray(j * length, (j + 1) * length)
    while (!reduce(vector, vectors, j)) {
      vector.fill(0)
      vector[spare++] = 1
    }
  }
}

function reduce(vector: Float64Array, vectors: Float64Array, before: number): boolean {
  const { length } = vector
  const whole = norm(vector)
  if (!(whole > 1e-30)) return false
  for (let at = 0; at < before * length; at += length) {
    let dot = 0
    for (let i = 0; i < length; i++) dot += (vector[i] ?? 0) * (vectors[at + i] ?? 0)
    for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) - dot * (vectors[at + i] ?? 0)
  }
  const rest = norm(vector)
  if (rest < whole * 1e-10) return false
  for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) / rest
  return true
}

function norm(vector: Float64Array): number {
  let sum = 0
  for (const value of vector) sum += value * value
  return Math.sqrt(sum)
}

/** Eigenvectors of the scatter matrix within the basis: width × width, columns, largest eigenvalue first. */
function rotation(basis: Float64Array, image: Float64Array, length: number, width: number): Float64Array {
  const small = Dense.zeros(width, width)
  for (let p = 0; p < width; p++) {
    for (let q = p; q < width; q++) {
      let sum = 0
      for (let i = 0; i < length; i++) {
        sum += (basis[p * length + i] ?? 0) * (image[q * length + i] ?? 0)
      }
      small.set(p, q, sum)
      small.set(q, p, sum)
    }
  }
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(small, {
    assumeSymmetric: true,
  })
  const order = values.map((_, i) => i).toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0))
  const out = new Float64Array(width * width)
  order.forEach((from, to) => {
    for (let w = 0; w < width; w++) out[w * width + to] = vectors.get(w, from)
  })
  return out
}
