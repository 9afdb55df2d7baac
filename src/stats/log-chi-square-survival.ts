import { poissonDeviance } from './poisson-deviance.ts'
import { stirlingError } from './stirling-error.ts'

const mostTerms = 100_000
const tiny = 1e-300

/**
 * ln P(χ² > x) for `degrees` of freedom, not necessarily whole: the regularized upper incomplete gamma function
 * Q(degrees/2, x/2), also where it is too small for a double. Series (DLMF 8.7.1) below the mode, continued fraction
 * (DLMF 8.9.2) above it, both with Loader's form of the leading factor.
 * @throws RangeError unless x ≥ 0 and degrees > 0
 */
export function logChiSquareSurvival(x: number, degrees: number): number {
  if (!(x >= 0 && degrees > 0)) {
    throw new RangeError(`logChiSquareSurvival needs x ≥ 0 and degrees > 0, got ${x}, ${degrees}`)
  }
  if (x === 0) return 0
  if (x === Infinity) return -Infinity
  const a = degrees / 2
  const z = x / 2
  // ln of zᵃ e⁻ᶻ / Γ(a + 1)
  const factor = -stirlingError(a) - poissonDeviance(a, z) - 0.5 * Math.log(2 * Math.PI * a)
  if (z < a + 1) {
    let term = 1
    let sum = 1
    for (let n = 1; n < mostTerms && term > sum * 1e-17; n++) sum += term *= z / (a + n)
    return Math.log1p(-Math.min(1, Math.exp(factor) * sum))
  }
  // modified Lentz: Γ(a, z) = zᵃ e⁻ᶻ / (z + 1 - a - 1·(1 - a)/(z + 3 - a - …))
  let b = z + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < mostTerms; n++) {
    const an = -n * (n - a)
    b += 2
    d = an * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-16) break
  }
  return factor + Math.log(a * fraction)
}
