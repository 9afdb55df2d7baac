import { TasterError } from '../core/errors.ts'
import type { Matrix } from '../core/matrix.ts'

/** Rows from … to of a matrix at unit length, row-major; lengths are taken in float64. A zero row stays zero. */
export function unitRows(of: Matrix, from = 0, to: number = of.rows): Float32Array {
  const { cols, data } = of
  const unit = new Float32Array((to - from) * cols)
  for (let row = from; row < to; row++) {
    const scale = 1 / lengthOf(of, row)
    if (scale === Infinity) continue
    const start = row * cols
    const out = (row - from) * cols
    for (let i = 0; i < cols; i++) unit[out + i] = (data[start + i] ?? 0) * scale
  }
  return unit
}

/** The transpose of `unitRows`: row i of the matrix becomes column i. */
export function unitColumns(of: Matrix): Float32Array {
  const { rows, cols } = of
  const unit = unitRows(of)
  const transposed = new Float32Array(unit.length)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++) transposed[i * rows + row] = unit[row * cols + i] ?? 0
  }
  return transposed
}

function lengthOf({ cols, data }: Matrix, row: number): number {
  let sum = 0
  for (let i = row * cols; i < (row + 1) * cols; i++) {
    const value = data[i] ?? 0
    sum += value * value
  }
  if (!Number.isFinite(sum)) throw new TasterError('INVARIANT_BROKEN', `vector ${row} is not finite`)
  return Math.sqrt(sum)
}
