import { betaLogitQuantile } from './beta-logit-quantile.ts'

/**
 * The p-quantile of Beta(a, b): x with I_x(a, b) = p; about 1e-12 relative.
 * @throws RangeError unless 0 ≤ p ≤ 1, a > 0, b > 0
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) {
    throw new RangeError(`betaQuantile needs 0 ≤ p ≤ 1, a > 0, b > 0, got ${p}, ${a}, ${b}`)
  }
  if (p === 0 || p === 1) return p
  return p <= 0.5 ? 1 / (1 + Math.exp(-betaLogitQuantile(p, a, b))) : 1 / (1 + Math.exp(betaLogitQuantile(1 - p, b, a)))
}
