import { poissonDeviance } from './poisson-deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln P(X ≥ x) of the sum of n independent exponentials of mean 1: the Poisson sum e⁻ˣ Σ xᵏ/k! over k < n, DLMF 8.4.10,
 * from its largest term outwards. With x = −Σ ln uᵢ it combines n p-values (R. A. Fisher, Statistical Methods for Research
 * Workers, 1932). About 1e-13 · (1 + |result|); the work does not grow with n in the upper tail, and as √n at the mean.
 * @throws RangeError unless n is a whole number ≥ 1 and x is no NaN
 */
export function logErlangSurvival(n: number, x: number): number {
  if (!(Number.isInteger(n) && n >= 1) || Number.isNaN(x)) {
    throw new RangeError(`logErlangSurvival needs a whole n ≥ 1 and an x, got n = ${n}, x = ${x}`)
  }
  if (x <= 0) return 0
  if (x === Infinity) return -Infinity
  if (x < n) return Math.log1p(-lowerTail(n, x))
  let sum = 1
  let term = 1
  for (let k = n - 1; k > 0 && term > sum * 1e-17; k--) {
    term *= k / x
    sum += term
  }
  return logTerm(n - 1, x) + Math.log(sum)
}

// e⁻ˣ Σ xᵏ/k! over k ≥ n, for x < n
function lowerTail(n: number, x: number): number {
  let sum = 1
  let term = 1
  for (let k = n + 1; term > sum * 1e-17; k++) {
    term *= x / k
    sum += term
  }
  return Math.min(1, Math.exp(logTerm(n, x)) * sum)
}

// ln of the Poisson probability of k, as a sum of small numbers (C. Loader, 2000)
function logTerm(k: number, x: number): number {
  if (k === 0) return -x
  return -poissonDeviance(k, x) - stirlingError(k) - 0.5 * Math.log(2 * Math.PI * k)
}
