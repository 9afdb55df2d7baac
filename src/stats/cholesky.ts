/**
 * The lower triangular L with L Lᵀ = a, for a symmetric positive definite d × d matrix (row-major; only its lower half is read).
 * @throws RangeError where the matrix is not positive definite
 */
export function cholesky(a: Float64Array, d: number): Float64Array {
  const lower = new Float64Array(d * d)
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j] ?? 0
      for (let k = 0; k < j; k++) sum -= (lower[i * d + k] ?? 0) * (lower[j * d + k] ?? 0)
      if (i !== j) {
        lower[i * d + j] = sum / (lower[j * d + j] ?? 0)
      } else if (sum > 0 && sum < Infinity) {
        lower[i * d + i] = Math.sqrt(sum)
      } else {
        throw new RangeError(`cholesky needs a positive definite matrix; pivot ${i} of ${d} is ${sum}`)
      }
    }
  }
  return lower
}
