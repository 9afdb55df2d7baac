import { rowOf, type Matrix } from '../core/matrix.ts'
import { cholesky } from './cholesky.ts'
import { solveLowerTransposed } from './solve-lower-transposed.ts'
import { solveLower } from './solve-lower.ts'

export interface Ridge {
  readonly coefficients: Float64Array // targets × cols
  readonly intercepts: Float64Array // targets
  /** rows × targets: what is predicted of each row by the fit without it (D. M. Allen, Technometrics 16, 1974). */
  readonly leftOut: Float64Array
}

/**
 * Weighted least squares of several targets on a rows × cols matrix, with an intercept that is not penalised and a penalty on
 * each coefficient of `penalty` times its column's own sum of squares (A. E. Hoerl & R. W. Kennard, Technometrics 12, 1970):
 * what is predicted does not depend on the columns' units. A column that never varies gets a coefficient of 0, a row
 * of weight 0 is predicted only. The leave-one-out predictions are exact for centres and penalties that stay as they are.
 * @throws RangeError unless penalty > 0 and the weights are not all 0
 */
export function ridgeRegression(
  matrix: Matrix,
  targets: Matrix<Float64Array>,
  weights: Float64Array,
  penalty: number,
): Ridge {
  const { rows, cols } = matrix
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(penalty > 0 && total > 0)) {
    throw new RangeError(`ridgeRegression needs a penalty and weights > 0, got ${penalty} and ${total} in all`)
  }
  const centre = weightedMean(matrix, weights, total)
  const level = weightedMean(targets, weights, total)
  const gram = new Float64Array(cols * cols)
  const cross = new Float64Array(targets.cols * cols)
  const centred = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] ?? 0
    if (weight === 0) continue
    subtract(rowOf(matrix, row), centre, centred)
    for (let i = 0; i < cols; i++) {
      const left = weight * (centred[i] ?? 0)
      for (let j = 0; j <= i; j++) gram[i * cols + j] = (gram[i * cols + j] ?? 0) + left * (centred[j] ?? 0)
      for (let t = 0; t < targets.cols; t++) {
        const off = (targets.data[row * targets.cols + t] ?? 0) - (level[t] ?? 0)
        cross[t * cols + i] = (cross[t * cols + i] ?? 0) + left * off
      }
    }
  }
  let largest = 0
  for (let i = 0; i < cols; i++) largest = Math.max(largest, gram[i * cols + i] ?? 0)
  for (let i = 0; i < cols; i++) {
    const own = gram[i * cols + i] ?? 0
    gram[i * cols + i] = own > 1e-12 * largest ? own * (1 + penalty) : Math.max(largest, 1)
  }
  const lower = cholesky(gram, cols)
  const coefficients = new Float64Array(targets.cols * cols)
  const intercepts = level.slice()
  for (let t = 0; t < targets.cols; t++) {
    const solved = solveLowerTransposed(lower, cols, solveLower(lower, cols, cross.subarray(t * cols, (t + 1) * cols)))
    coefficients.set(solved, t * cols)
    solved.forEach((value, j) => (intercepts[t] = (intercepts[t] ?? 0) - value * (centre[j] ?? 0)))
  }
  const leftOut = new Float64Array(rows * targets.cols)
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] ?? 0
    subtract(rowOf(matrix, row), centre, centred)
    const leverage = weight === 0 ? 0 : weight * (1 / total + squared(solveLower(lower, cols, centred)))
    for (let t = 0; t < targets.cols; t++) {
      let value = level[t] ?? 0
      for (let j = 0; j < cols; j++) value += (coefficients[t * cols + j] ?? 0) * (centred[j] ?? 0)
      const target = targets.data[row * targets.cols + t] ?? 0
      leftOut[row * targets.cols + t] = leverage < 1 ? (value - leverage * target) / (1 - leverage) : (level[t] ?? 0)
    }
  }
  return { coefficients, intercepts, leftOut }
}

function weightedMean({ rows, cols, data }: Matrix | Matrix<Float64Array>, weights: Float64Array, total: number) {
  const mean = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    const share = (weights[row] ?? 0) / total
    for (let j = 0; j < cols; j++) mean[j] = (mean[j] ?? 0) + share * (data[row * cols + j] ?? 0)
  }
  return mean
}

function subtract(values: Float32Array, centre: Float64Array, into: Float64Array): void {
  for (let j = 0; j < into.length; j++) into[j] = (values[j] ?? 0) - (centre[j] ?? 0)
}

const squared = (v: Float64Array) => v.reduce((sum, x) => sum + x * x, 0)
