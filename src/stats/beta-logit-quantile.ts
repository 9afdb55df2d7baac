import { incompleteBetaFraction } from './incomplete-beta-fraction.ts'
import { logBinomialDensity } from './log-binomial-density.ts'

/**
 * The logit ln(x / (1 − x)) of the p-quantile x of Beta(a, b), 0 < p < 1: 1 / (1 + e^−u) is the quantile and 1 / (1 + e^u)
 * what is missing to 1, both with all their digits. Most exact for p ≤ ½.
 *
 * Newton's method on ln I_x(a, b) as a function of u = logit x. The density of u is log-concave, hence so is its
 * distribution function, so ln I is concave and increasing, and Newton converges from every start.
 */
export function betaLogitQuantile(p: number, a: number, b: number): number {
  const target = Math.log(p)
  let u = Math.log(a / b)
  for (let i = 0; i < 200; i++) {
    const x = 1 / (1 + Math.exp(-u))
    const y = 1 / (1 + Math.exp(u))
    if (x < 1e-300 || y < 1e-300) break // beyond what a double can tell from 0 or 1
    // dI/du = xᵃ yᵇ / B(a, b), the same factor that I is the fraction of
    const slope = logBinomialDensity(a, a + b, x, y) + Math.log((a / (a + b)) * b)
    const logI =
      x < (a + 1) / (a + b + 2)
        ? slope - Math.log(incompleteBetaFraction(x, y, a, b))
        : Math.log1p(-Math.exp(slope) / incompleteBetaFraction(y, x, b, a))
    const step = (logI - target) * Math.exp(logI - slope)
    u -= step
    if (Math.abs(step) <= 1e-15 * (1 + Math.abs(u))) break
  }
  return u
}
