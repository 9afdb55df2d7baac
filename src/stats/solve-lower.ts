/** x with l x = b, for a lower triangular d × d matrix (row-major) without zeros on its diagonal: forward substitution. */
export function solveLower(l: Float64Array, d: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(d)
  for (let i = 0; i < d; i++) {
    let sum = b[i] ?? 0
    for (let j = 0; j < i; j++) sum -= (l[i * d + j] ?? 0) * (x[j] ?? 0)
    x[i] = sum / (l[i * d + i] ?? 0)
  }
  return x
}
