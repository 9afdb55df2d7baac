import { rowOf, type Matrix } from '../core/matrix.ts'

/**
 * Mean (d) and unbiased covariance (d × d, row-major, divided by rows − 1) of the rows of a rows × d matrix.
 * Two passes in float64, so that a large common offset costs no digits, whatever the matrix holds.
 * @throws RangeError for fewer than two rows
 */
export function covariance(matrix: Matrix<Float32Array> | Matrix<Float64Array>): {
  readonly mean: Float64Array
  readonly covariance: Float64Array
} {
  const { rows, cols } = matrix
  if (rows < 2) throw new RangeError(`covariance needs at least two rows, got ${rows}`)
  const sum = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    const values: Float32Array | Float64Array = rowOf<Float32Array | Float64Array>(matrix, row)
    for (let i = 0; i < cols; i++) sum[i] = (sum[i] ?? 0) + (values[i] ?? 0)
  }
  const mean = sum.map((total) => total / rows)
  const result = new Float64Array(cols * cols)
  const centred = new Float64Array(cols)
  const residual = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    const values: Float32Array | Float64Array = rowOf<Float32Array | Float64Array>(matrix, row)
    for (let i = 0; i < cols; i++) {
      const difference = (values[i] ?? 0) - (mean[i] ?? 0)
      centred[i] = difference
      residual[i] = (residual[i] ?? 0) + difference
    }
    for (let i = 0; i < cols; i++) {
      const left = centred[i] ?? 0
      for (let j = 0; j <= i; j++) result[i * cols + j] = (result[i * cols + j] ?? 0) + left * (centred[j] ?? 0)
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j <= i; j++) {
      // the residual is what rounding left in the mean: the corrected two-pass algorithm (Chan, Golub & LeVeque, 1983)
      const value = ((result[i * cols + j] ?? 0) - ((residual[i] ?? 0) * (residual[j] ?? 0)) / rows) / (rows - 1)
      result[i * cols + j] = value
      result[j * cols + i] = value
    }
    mean[i] = (mean[i] ?? 0) + (residual[i] ?? 0) / rows
  }
  return { mean, covariance: result }
}
