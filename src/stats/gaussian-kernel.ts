import type { Matrix } from '../core/matrix.ts'

/** exp(−‖x − y‖² / (2 bandwidth²)) of all pairs of rows: rows × rows, symmetric, 1 on the diagonal. */
export function gaussianKernel({ rows, cols, data }: Matrix | Matrix<Float64Array>, bandwidth: number): Float64Array {
  const kernel = new Float64Array(rows * rows)
  for (let a = 0; a < rows; a++) {
    kernel[a * rows + a] = 1
    for (let b = 0; b < a; b++) {
      let squared = 0
      for (let i = 0; i < cols; i++) squared += ((data[a * cols + i] ?? 0) - (data[b * cols + i] ?? 0)) ** 2
      const value = Math.exp(-squared / (2 * bandwidth * bandwidth))
      kernel[a * rows + b] = value
      kernel[b * rows + a] = value
    }
  }
  return kernel
}
