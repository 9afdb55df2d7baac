import { logGamma } from './log-gamma.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln B(a, b) for a, b > 0, to about 1e-14 relative (absolute around its zeros): large arguments cost no digits, as they
 * would in the difference of three ln Γ.
 * @throws RangeError unless a > 0 and b > 0
 */
export function logBeta(a: number, b: number): number {
  if (!(a > 0 && b > 0)) throw new RangeError(`logBeta needs a > 0 and b > 0, got ${a} and ${b}`)
  if (a < 10 && b < 10) return logGamma(a) + logGamma(b) - logGamma(a + b)
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  const sum = a + b
  return (
    small * Math.log(small / sum) +
    large * Math.log1p(-small / sum) +
    0.5 * Math.log((2 * Math.PI * (sum / large)) / small) +
    stirlingError(small) +
    stirlingError(large) -
    stirlingError(sum)
  )
}
