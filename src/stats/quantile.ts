/**
 * The q-quantile of ascending values, linear between order statistics: type 7 of Hyndman & Fan (American Statistician 50, 1996).
 * @throws RangeError for no values, or unless 0 ≤ q ≤ 1
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0 || !(q >= 0 && q <= 1)) {
    throw new RangeError(`quantile needs values and 0 ≤ q ≤ 1, got ${sorted.length} values and q = ${q}`)
  }
  const position = q * (sorted.length - 1)
  const index = Math.floor(position)
  const low = sorted[index] ?? 0
  const high = sorted[Math.min(index + 1, sorted.length - 1)] ?? 0
  const share = position - index
  // also right where low and high are infinite or far apart: the difference could overflow
  return share === 0 || low === high ? low : low * (1 - share) + high * share
}
