/**
 * Tests hypotheses in the order in which they come, so that the expected share of false ones among the rejected stays
 * at most α at any time. Holds for p-values that are independent of each other; each is judged by those before it alone.
 */
export interface OnlineFdr {
  /** `level` is what p had to reach. Throws RangeError where p is not in [0, 1]. */
  next(p: number): { readonly level: number; readonly rejected: boolean }
}

/** Throws RangeError where α or the initial wealth could not be spent. */
export function requireWealth(alpha: number, initialWealth: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}, and must lie between 0 and 1`)
  if (!(initialWealth > 0 && initialWealth <= alpha))
    throw new RangeError(`the initial wealth is ${initialWealth}, and must be above 0 and at most alpha, ${alpha}`)
}

export function requireP(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is not a p-value`)
}

/** Remembers a rejection. What those long ago would still add is left out: less is spent, and a test takes bounded time. */
export function remember(rejections: number[], at: number): void {
  rejections.push(at)
  if (rejections.length > mostRejections) rejections.shift()
}
const mostRejections = 1000

/** γ_j = j^−1.6 / ζ(1.6), which sums to 1: the share spent on the j-th candidate (SAFFRON, ADDIS). */
export function powerSpending(j: number): number {
  return 0.4374901658 * j ** -1.6
}
