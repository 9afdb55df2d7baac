/**
 * The inverse of a d × d matrix, row-major, by Gauss-Jordan elimination with partial pivoting; null where it is singular
 * to working precision.
 */
export function inverse(a: Float64Array, d: number): Float64Array | null {
  const m = a.slice()
  const result = new Float64Array(d * d)
  for (let i = 0; i < d; i++) result[i * d + i] = 1
  const largest = m.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const exchange = (of: Float64Array, i: number, k: number) => {
    const row = of.slice(i * d, (i + 1) * d)
    of.copyWithin(i * d, k * d, (k + 1) * d)
    of.set(row, k * d)
  }
  for (let column = 0; column < d; column++) {
    let pivot = column
    for (let row = column + 1; row < d; row++) {
      if (Math.abs(m[row * d + column] ?? 0) > Math.abs(m[pivot * d + column] ?? 0)) pivot = row
    }
    const head = m[pivot * d + column] ?? 0
    if (!(Math.abs(head) > largest * d * Number.EPSILON)) return null
    if (pivot !== column) for (const of of [m, result]) exchange(of, column, pivot)
    for (const of of [m, result]) {
      for (let j = 0; j < d; j++) of[column * d + j] = (of[column * d + j] ?? 0) / head
    }
    for (let row = 0; row < d; row++) {
      const factor = m[row * d + column] ?? 0
      if (row === column || factor === 0) continue
      for (const of of [m, result]) {
        for (let j = 0; j < d; j++) of[row * d + j] = (of[row * d + j] ?? 0) - factor * (of[column * d + j] ?? 0)
      }
    }
  }
  return result
}
