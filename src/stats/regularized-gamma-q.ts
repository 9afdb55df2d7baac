import { incompleteGammaFraction } from './incomplete-gamma-fraction.ts'
import { incompleteGammaSeries } from './incomplete-gamma-series.ts'
import { logGamma } from './log-gamma.ts'
import { logPoissonDensity } from './log-poisson-density.ts'

/**
 * Q(a, x) = 1 − P(a, x), the survival function of Gamma(a, 1), for a > 0 and x ≥ 0; about 1e-12 relative, far into the tail
 * (1e-16 / a for a tiny a). Continued fraction from x = a + 1 on, power series below.
 * @throws RangeError unless a > 0 and x ≥ 0
 */
export function regularizedGammaQ(a: number, x: number): number {
  if (!(a > 0 && x >= 0)) throw new RangeError(`regularizedGammaQ needs a > 0 and x ≥ 0, got ${a} and ${x}`)
  if (x === 0) return 1
  if (x === Infinity) return 0
  if (x < a + 1 && a < 1) return ofSmallShape(a, x)
  const density = Math.exp(logPoissonDensity(a, x))
  return x < a + 1
    ? Math.max(0, 1 - density * incompleteGammaSeries(a, x))
    : density * a * incompleteGammaFraction(a, x)
}

/** 1 − xᵃ/Γ(a+1) · (1 + a Σ (−x)ⁿ / ((a+n) n!)), DLMF 8.7.1, arranged so that a tiny `a` does not cancel all digits. */
function ofSmallShape(a: number, x: number): number {
  const logPower = a * Math.log(x) - logGamma(a + 1)
  let sum = 0
  let term = 1
  for (let n = 1; n < 200; n++) {
    term *= -x / n
    const next = sum + term / (a + n)
    if (next === sum) break
    sum = next
  }
  return -Math.expm1(logPower) - Math.exp(logPower) * a * sum
}
