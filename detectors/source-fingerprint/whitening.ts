import type { Matrix } from '../../src/core/matrix.ts'
import { cholesky } from '../../src/stats/cholesky.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { shrink } from '../../src/stats/shrink.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'
import type { Look } from './looks.ts'

/** Cholesky factors of the covariance within sources, one a look; empty where nothing varies: the look is not used. */
export type Factors = readonly Float64Array[]

/** Of records centred on the mean of their source; all sources share one covariance, as in linear discriminant analysis. */
export function factorsOf(centred: Matrix<Float64Array>, looks: readonly Look[], shrinkage: number): Factors {
  return looks.map(({ from, dims }) => {
    const data = new Float64Array(centred.rows * dims)
    for (let row = 0; row < centred.rows; row++) {
      data.set(centred.data.subarray(row * centred.cols + from, row * centred.cols + from + dims), row * dims)
    }
    const shrunk = shrink(covariance({ rows: centred.rows, cols: dims, data }).covariance, dims, shrinkage)
    for (let i = 0; i < dims; i++) if (!((shrunk[i * dims + i] ?? 0) > 1e-12)) return new Float64Array(0)
    return cholesky(shrunk, dims)
  })
}

/** L⁻¹ x, look by look: distances of what comes out are Mahalanobis distances. Looks that are not used give 0. */
export function whitened(x: Float64Array, looks: readonly Look[], factors: Factors): Float64Array {
  const result = new Float64Array(x.length)
  looks.forEach(({ from, dims }, i) => {
    const lower = factors[i] ?? new Float64Array(0)
    if (lower.length > 0) result.set(solveLower(lower, dims, x.subarray(from, from + dims)), from)
  })
  return result
}
