import { incompleteBetaFraction } from './incomplete-beta-fraction.ts'
import { logBetaFactor } from './log-beta-factor.ts'

/**
 * ln I_x(a, b), also where I_x(a, b) itself is too small for a double; about 1e-13 · (1 + |result|).
 * Arguments and source as regularizedIncompleteBeta.
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
