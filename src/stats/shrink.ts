/**
 * (1 − share) S + share · (trace S / d) I: a d × d covariance drawn towards the sphere of the same size, so that it can be
 * inverted where there are few rows (O. Ledoit & M. Wolf, J. Multivariate Analysis 88, 2004; here with a given share).
 */
export function shrink(covariance: Float64Array, d: number, share: number): Float64Array {
  let trace = 0
  for (let i = 0; i < d; i++) trace += covariance[i * d + i] ?? 0
  const shrunk = covariance.map((value) => (1 - share) * value)
  for (let i = 0; i < d; i++) shrunk[i * d + i] = (shrunk[i * d + i] ?? 0) + (share * trace) / d
  return shrunk
}
