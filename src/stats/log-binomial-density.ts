import { poissonDeviance } from './poisson-deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln P(X = k) of a binomial with n trials of probability p, for real 0 ≤ k ≤ n (Γ in place of factorials), to about
 * 1e-14 · (1 + |result|) also for n in the millions. Loader's saddle-point form (2000).
 * `q` is 1 − p, where the caller knows it to more digits than the difference has.
 */
export function logBinomialDensity(k: number, n: number, p: number, q = 1 - p): number {
  if (p === 0) return k === 0 ? 0 : -Infinity
  if (q === 0) return k === n ? 0 : -Infinity
  if (k === 0) return n * (p < 0.5 ? Math.log1p(-p) : Math.log(q))
  if (k === n) return n * (q < 0.5 ? Math.log1p(-q) : Math.log(p))
  const rest = n - k
  return (
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(rest) -
    poissonDeviance(k, n * p) -
    poissonDeviance(rest, n * q) -
    0.5 * (Math.log(2 * Math.PI * k) + Math.log(rest / n))
  )
}
