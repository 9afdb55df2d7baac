import { incompleteBetaFraction } from './incomplete-beta-fraction.ts'
import { logBetaFactor } from './log-beta-factor.ts'

/**
 * I_x(a, b), the distribution function of Beta(a, b), for 0 ≤ x ≤ 1 and a, b > 0; about 1e-12 relative.
 * DLMF 8.17.22 with Loader's saddle-point form of the leading factor.
 * `y` is 1 − x, where the caller knows it to more digits than the difference has.
 * @throws RangeError unless 0 ≤ x ≤ 1, a > 0, b > 0
 */
export function regularizedIncompleteBeta(x: number, a: number, b: number, y = 1 - x): number {
  if (!(x >= 0 && y >= 0 && a > 0 && b > 0)) {
    throw new RangeError(`regularizedIncompleteBeta needs 0 ≤ x ≤ 1, a > 0, b > 0, got ${x}, ${a}, ${b}`)
  }
  if (x === 0) return 0
  if (y === 0) return 1
  const factor = Math.exp(logBetaFactor(x, y, a, b))
  return x < (a + 1) / (a + b + 2)
    ? factor / incompleteBetaFraction(x, y, a, b)
    : 1 - factor / incompleteBetaFraction(y, x, b, a)
}
