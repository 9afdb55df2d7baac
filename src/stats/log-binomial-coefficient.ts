import { logBeta } from './log-beta.ts'

/**
 * ln of n over k, to about 1e-13 relative; −∞ where k is not in 0 … n.
 * @throws RangeError unless n ≥ 0
 */
export function logBinomialCoefficient(n: number, k: number): number {
  if (!(n >= 0)) throw new RangeError(`logBinomialCoefficient needs n ≥ 0, got ${n}`)
  if (k < 0 || k > n) return -Infinity
  if (k === 0 || k === n) return 0
  if (k === 1 || k === n - 1) return Math.log(n)
  return -Math.log(n + 1) - logBeta(n - k + 1, k + 1)
}
