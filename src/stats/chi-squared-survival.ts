import { regularizedGammaQ } from './regularized-gamma-q.ts'

/**
 * P(X ≥ x) of χ² with df degrees of freedom: Q(df/2, x/2); about 1e-12 relative. 1 for x ≤ 0.
 * @throws RangeError unless df > 0
 */
export function chiSquaredSurvival(x: number, df: number): number {
  return regularizedGammaQ(df / 2, Math.max(0, x) / 2)
}
