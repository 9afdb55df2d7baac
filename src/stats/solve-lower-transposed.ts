/** x with lᵀ x = b, for a lower triangular d × d matrix (row-major) without zeros on its diagonal: back substitution. */
export function solveLowerTransposed(l: Float64Array, d: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(d)
  for (let i = d - 1; i >= 0; i--) {
    let sum = b[i] ?? 0
    for (let j = i + 1; j < d; j++) sum -= (l[j * d + i] ?? 0) * (x[j] ?? 0)
    x[i] = sum / (l[i * d + i] ?? 0)
  }
  return x
}
