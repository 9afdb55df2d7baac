import { poissonDeviance } from './poisson-deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln(xᵃ yᵇ / B(a, b)) for a, b > 0, 0 < x < 1 and y = 1 − x: the factor that the incomplete beta function and the
 * binomial distribution have in common. To about 1e-14 · (1 + |result|), also for a and b in the millions: the
 * saddle-point form of C. Loader (Fast and Accurate Computation of Binomial Probabilities, 2000), for real arguments.
 */
export function logBetaFactor(x: number, y: number, a: number, b: number): number {
  const n = a + b
  return (
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    poissonDeviance(a, n * x) -
    poissonDeviance(b, n * y) +
    0.5 * (Math.log(a / (2 * Math.PI)) + Math.log(b / n))
  )
}
