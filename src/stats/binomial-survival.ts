import { regularizedIncompleteBeta } from './regularized-incomplete-beta.ts'

/**
 * P(X ≥ k) of a binomial with n trials of probability p: I_p(k, n − k + 1), DLMF 8.17.5; about 1e-12 relative.
 * @throws RangeError unless n ≥ 0 and 0 ≤ p ≤ 1
 */
export function binomialSurvival(k: number, n: number, p: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) {
    throw new RangeError(`binomialSurvival needs n ≥ 0 and 0 ≤ p ≤ 1, got n = ${n}, p = ${p}`)
  }
  if (k <= 0) return 1
  if (k > n) return 0
  return regularizedIncompleteBeta(p, k, n - k + 1)
}
