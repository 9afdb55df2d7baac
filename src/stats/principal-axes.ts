import type { Matrix } from '../core/matrix.ts'
import { normal, random } from './random.ts'

export interface PrincipalAxes {
  readonly mean: Float64Array // cols
  readonly axes: Float64Array // count × cols, orthonormal rows, largest variance first
  readonly deviations: Float64Array // standard deviation of the rows along each axis (divided by rows − 1)
}

const rounds = 12

/**
 * The `count` directions in which the rows vary most, by orthogonal iteration from a seeded start (Golub & Van Loan,
 * Matrix Computations, 4th ed., section 8.2.4): float64, in place of a whole decomposition where a few axes are enough.
 * Directions of nearly equal variance may come out turned within the space that they span. Fewer axes than asked for
 * where the rows vary in fewer directions.
 * @throws RangeError for fewer than two rows
 */
export function principalAxes({ rows, cols, data }: Matrix, count: number, seed: number): PrincipalAxes {
  if (rows < 2) throw new RangeError(`principalAxes needs at least two rows, got ${rows}`)
  const mean = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) mean[i % cols] = (mean[i % cols] ?? 0) + (data[i] ?? 0) / rows
  const centred = Float64Array.from(data, (value, i) => value - (mean[i % cols] ?? 0))
  const wanted = Math.min(count, cols, rows - 1)
  const uniform = random(seed)
  let axes: Float64Array = Float64Array.from({ length: wanted * cols }, () => normal(uniform))
  let found = orthonormal(axes, cols)
  for (let round = 0; round < rounds; round++) {
    axes = scatterTimes(centred, axes.subarray(0, found * cols), cols)
    found = orthonormal(axes, cols)
  }
  axes = axes.slice(0, found * cols)
  const image = scatterTimes(centred, axes, cols)
  const deviations = Float64Array.from({ length: found }, (_, j) => {
    let variance = 0
    for (let i = j * cols; i < (j + 1) * cols; i++) variance += (axes[i] ?? 0) * (image[i] ?? 0)
    return Math.sqrt(Math.max(0, variance) / (rows - 1))
  })
  return { mean, axes, deviations }
}

/** Xᵀ X a for each row a of `axes`. */
function scatterTimes(centred: Float64Array, axes: Float64Array, cols: number): Float64Array {
  const image = new Float64Array(axes.length)
  for (let row = 0; row < centred.length; row += cols) {
    for (let at = 0; at < axes.length; at += cols) {
      let dot = 0
      for (let i = 0; i < cols; i++) dot += (centred[row + i] ?? 0) * (axes[at + i] ?? 0)
      for (let i = 0; i < cols; i++) image[at + i] = (image[at + i] ?? 0) + dot * (centred[row + i] ?? 0)
    }
  }
  return image
}

/** Modified Gram-Schmidt, twice, in place: the number of rows that are left; those that depend on others are dropped. */
function orthonormal(axes: Float64Array, cols: number): number {
  let kept = 0
  let largest = 0
  for (let at = 0; at < axes.length; at += cols) {
    const axis = axes.slice(at, at + cols)
    const before = Math.hypot(...axis)
    largest = Math.max(largest, before)
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < kept * cols; other += cols) {
        let dot = 0
        for (let i = 0; i < cols; i++) dot += (axis[i] ?? 0) * (axes[other + i] ?? 0)
        for (let i = 0; i < cols; i++) axis[i] = (axis[i] ?? 0) - dot * (axes[other + i] ?? 0)
      }
    }
    const length = Math.hypot(...axis)
    if (!(length > 1e-10 * largest)) continue
    axes.set(
      axis.map((value) => value / length),
      kept * cols,
    )
    kept++
  }
  return kept
}
