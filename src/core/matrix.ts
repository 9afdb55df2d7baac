/** Row-major. float32 for vectors that meet the device, float64 for everything that is reasoned with. */
export interface Matrix<T extends Float32Array | Float64Array = Float32Array> {
  readonly rows: number
  readonly cols: number
  readonly data: T
}

/** Row i as a view: no copy. */
export function rowOf<T extends Float32Array | Float64Array>(of: Matrix<T>, row: number): T {
  return of.data.subarray(row * of.cols, (row + 1) * of.cols) as T
}

export function selectRows(of: Matrix, rows: ArrayLike<number>): Matrix {
  const data = new Float32Array(rows.length * of.cols)
  for (let i = 0; i < rows.length; i++) data.set(rowOf(of, rows[i] ?? 0), i * of.cols)
  return { rows: rows.length, cols: of.cols, data }
}
