import { regularizedIncompleteBeta } from './regularized-incomplete-beta.ts'

/**
 * P(X ≥ x) of Snedecor's F with df1 and df2 degrees of freedom: I_{df2/(df2 + df1 x)}(df2/2, df1/2); about 1e-12 relative.
 * 1 for x ≤ 0.
 * @throws RangeError unless df1 > 0 and df2 > 0
 */
export function fSurvival(x: number, df1: number, df2: number): number {
  if (x <= 0) return 1
  const ratio = (df1 / df2) * x
  return regularizedIncompleteBeta(1 / (1 + ratio), df2 / 2, df1 / 2, ratio === Infinity ? 1 : ratio / (1 + ratio))
}
