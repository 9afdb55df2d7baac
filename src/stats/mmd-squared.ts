/**
 * The unbiased estimate of the squared maximum mean discrepancy of two samples, from the kernel of all their rows
 * together (n × n) and which of these are of the first sample: Gretton et al., JMLR 13, 2012, equation 3. May be negative.
 * @throws RangeError where a sample has fewer than two rows
 */
export function mmdSquared(kernel: Float64Array, first: ArrayLike<number>): number {
  const n = first.length
  let m = 0
  let within = 0
  let without = 0
  let across = 0
  for (let a = 0; a < n; a++) {
    const ofFirst = first[a] === 1
    if (ofFirst) m++
    for (let b = 0; b < a; b++) {
      const value = kernel[a * n + b] ?? 0
      if (ofFirst !== (first[b] === 1)) across += value
      else if (ofFirst) within += value
      else without += value
    }
  }
  const rest = n - m
  if (m < 2 || rest < 2) throw new RangeError(`mmdSquared needs two rows of each sample, got ${m} and ${rest}`)
  return (2 * within) / (m * (m - 1)) + (2 * without) / (rest * (rest - 1)) - (2 * across) / (m * rest)
}
