import { logGamma } from './log-gamma.ts'

const halfLogTwoPi = 0.9189385332046728

/**
 * What Stirling's formula leaves out: ln Γ(x + 1) − (x + ½) ln x + x − ½ ln 2π for x > 0, to about 1e-15 absolute.
 * Probabilities put together from these errors keep their digits where differences of large ln Γ lose them
 * (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000).
 */
export function stirlingError(x: number): number {
  if (x < 10) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - halfLogTwoPi
  const s = 1 / (x * x)
  return (
    (1 / 12 -
      s *
        (1 / 360 -
          s *
            (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s * (1 / 156 - (s * 3617) / 122400))))))) /
    x
  )
}
