import { incompleteBetaFraction } from './incomplete-beta-fraction.ts'
import { logBetaFactor } from './log-beta-factor.ts'
import { logBeta } from './log-beta.ts'

/**
 * The logit ln(x / (1 − x)) of the p-quantile x of Beta(a, b), 0 < p < 1: 1 / (1 + e^−u) is the quantile and 1 / (1 + e^u)
 * what is missing to 1, both with all their digits. Most exact for p ≤ ½.
 *
 * Newton's method on ln I_x(a, b) as a function of u = logit x. The density of u is log-concave, hence so is its
 * distribution function: ln I is concave and increasing, and Newton converges from every start. It also lies below its
 * asymptote a u − ln(a B(a, b)) at −∞, so the quantile is never left of where the asymptote meets ln p; likewise right.
 */
export function betaLogitQuantile(p: number, a: number, b: number): number {
  const target = Math.log(p)
  const leftmost = (target + Math.log(a) + logBeta(a, b)) / a
  const rightmost = -(Math.log1p(-p) + Math.log(b) + logBeta(a, b)) / b
  // x or y is below 1e-299: the asymptote is exact
  if (leftmost < -690) return leftmost
  if (rightmost > 690) return rightmost
  let u = Math.min(Math.max(leftmost, Math.log(a / b)), rightmost)
  for (let i = 0; i < 200; i++) {
    const x = 1 / (1 + Math.exp(-u))
    const y = 1 / (1 + Math.exp(u))
    // dI/du = xᵃ yᵇ / B(a, b), the same factor that I is the fraction of
    const slope = logBetaFactor(x, y, a, b)
    const logI =
      x < (a + 1) / (a + b + 2)
        ? slope - Math.log(incompleteBetaFraction(x, y, a, b))
        : Math.log1p(-Math.exp(slope) / incompleteBetaFraction(y, x, b, a))
    const next = Math.min(Math.max(leftmost, u - (logI - target) * Math.exp(logI - slope)), rightmost)
    const moved = Math.abs(next - u)
    u = next
    if (moved <= 1e-15 * (1 + Math.abs(u))) break
  }
  return u
}
