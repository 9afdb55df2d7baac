import { logRegularizedIncompleteBeta } from './log-regularized-incomplete-beta.ts'

/**
 * ln P(X ≥ k) of a binomial with n trials of probability p: ln I_p(k, n − k + 1), DLMF 8.17.5; about
 * 1e-13 · (1 + |result|), however far in the tail. The work does not grow with n in the tail, and as √n at the mean.
 * @throws RangeError unless n ≥ 0 and 0 ≤ p ≤ 1
 */
export function logBinomialSurvival(k: number, n: number, p: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) {
    throw new RangeError(`logBinomialSurvival needs n ≥ 0 and 0 ≤ p ≤ 1, got n = ${n}, p = ${p}`)
  }
  if (k <= 0) return 0
  if (k > n) return -Infinity
  return logRegularizedIncompleteBeta(p, k, n - k + 1)
}
