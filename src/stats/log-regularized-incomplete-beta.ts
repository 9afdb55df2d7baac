import { incompleteBetaFraction } from './incomplete-beta-fraction.ts'
import { logBetaFactor } from './log-beta-factor.ts'

/**
 * ln I_x(a, b), the logarithm of the distribution function of Beta(a, b), also where I_x(a, b) itself is too small for a
 * double; about 1e-13 · (1 + |result|). DLMF 8.17.22 with Loader's saddle-point form of the leading factor.
 * `y` is 1 − x, where the caller knows it to more digits than the difference has.
 * @throws RangeError unless 0 ≤ x ≤ 1, a > 0, b > 0
 */
export function logRegularizedIncompleteBeta(x: number, a: number, b: number, y = 1 - x): number {
  if (!(x >= 0 && y >= 0 && a > 0 && b > 0)) {
    throw new RangeError(`logRegularizedIncompleteBeta needs 0 ≤ x ≤ 1, a > 0, b > 0, got ${x}, ${a}, ${b}`)
  }
  if (x === 0) return -Infinity
  if (y === 0) return 0
  const factor = logBetaFactor(x, y, a, b)
  return x < (a + 1) / (a + b + 2)
    ? factor - Math.log(incompleteBetaFraction(x, y, a, b))
    : Math.log1p(-Math.exp(factor) / incompleteBetaFraction(y, x, b, a))
}
