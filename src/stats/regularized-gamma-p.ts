import { incompleteGammaFraction } from './incomplete-gamma-fraction.ts'
import { incompleteGammaSeries } from './incomplete-gamma-series.ts'
import { logPoissonDensity } from './log-poisson-density.ts'

/**
 * P(a, x), the distribution function of Gamma(a, 1), for a > 0 and x ≥ 0; about 1e-12 relative.
 * Power series below x = a + 1, 1 − Q(a, x) by continued fraction from there on.
 * @throws RangeError unless a > 0 and x ≥ 0
 */
export function regularizedGammaP(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) throw new RangeError(`regularizedGammaP needs a > 0 and x ≥ 0, got ${a} and ${x}`)
  if (x === 0) return 0
  if (x === Infinity) return 1
  const density = Math.exp(logPoissonDensity(a, x))
  return x < a + 1
    ? Math.min(1, density * incompleteGammaSeries(a, x))
    : 1 - density * a * incompleteGammaFraction(a, x)
}
