import { poissonDeviance } from './poisson-deviance.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln(meanᵏ e^−mean / Γ(k + 1)) for real k > 0 and mean > 0, to about 1e-14 · (1 + |result|): Loader's saddle-point form (2000).
 */
export function logPoissonDensity(k: number, mean: number): number {
  return -stirlingError(k) - poissonDeviance(k, mean) - 0.5 * Math.log(2 * Math.PI * k)
}
