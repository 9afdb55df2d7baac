import { regularizedGammaP } from './regularized-gamma-p.ts'
import { regularizedGammaQ } from './regularized-gamma-q.ts'

/** Φ(x), the standard normal distribution function, about 1e-13 relative in both tails: ½ Q(½, x²/2) for x < 0, DLMF 7.11.2. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN
  const half = (x * x) / 2
  return x < 0 ? regularizedGammaQ(0.5, half) / 2 : 0.5 + regularizedGammaP(0.5, half) / 2
}
