import type { Encoded } from '../../src/core/encoded.ts'
import { selectRows } from '../../src/core/matrix.ts'
import { cholesky } from '../../src/stats/cholesky.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { shrink } from '../../src/stats/shrink.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'

/** The trusted shape of a label, in `dims` dimensions. */
export interface Shape {
  readonly rows: number // reference records
  readonly mean: Float64Array
  readonly lower: Float64Array // Cholesky factor of the shrunk covariance, dims × dims; empty: too few rows to test
  readonly noise: number // E of T² on clean records: trace(shrunk⁻¹ · covariance)
}

export const sizes = [50, 100, 200, 400, 800, 1600] as const
// A null needs four times as many trusted records as the size it is for; beside the reference records there are about
// 3/5 as many for calibration, of which 2,000 are used. The half allows for an uneven split.
export const testable = (rows: number) => sizes.filter((size) => 4 * size <= rows + Math.min(rows / 2, 2000))
export const fewestRows = 134 // the fewest with testable(rows).length > 0

/** Throws nothing: a label whose records are too few or all equal has no lower factor. */
export function shapeOf(reference: Encoded, label: number, shrinkage: number): Shape {
  const members: number[] = []
  reference.label.forEach((given, row) => {
    if (given === label) members.push(row)
  })
  const rows = members.length
  const d = reference.vectors.cols
  const nothing = { rows, mean: new Float64Array(d), lower: new Float64Array(0), noise: 0 }
  if (testable(rows).length === 0) return nothing
  const { mean, covariance: spread } = covariance(selectRows(reference.vectors, members))
  const shrunk = shrink(spread, d, shrinkage)
  for (let i = 0; i < d; i++) if (!((shrunk[i * d + i] ?? 0) > 0)) return nothing // all records are equal
  const lower = cholesky(shrunk, d)
  // trace(shrunk⁻¹ spread), where spread = (shrunk - share · size · I) / (1 - share): by the columns of L⁻¹
  let inverseTrace = 0
  for (let i = 0; i < d; i++) {
    const unit = new Float64Array(d)
    unit[i] = 1
    inverseTrace += solveLower(lower, d, unit).reduce((sum, x) => sum + x * x, 0)
  }
  let size = 0
  for (let i = 0; i < d; i++) size += (spread[i * d + i] ?? 0) / d
  const noise = shrinkage === 1 ? size * inverseTrace : (d - shrinkage * size * inverseTrace) / (1 - shrinkage)
  return { rows, mean, lower, noise }
}

/** L⁻¹ (sum / count − mean). */
export function displacement({ mean, lower }: Shape, sum: ArrayLike<number>, count: number): Float64Array {
  return solveLower(
    lower,
    mean.length,
    mean.map((value, j) => (sum[j] ?? 0) / count - value),
  )
}

export const squared = (v: Float64Array) => v.reduce((sum, x) => sum + x * x, 0)
