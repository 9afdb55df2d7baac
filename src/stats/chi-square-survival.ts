import { logGamma } from './log-gamma.ts'

const most = 10_000

/**
 * P(X > x) of a chi-square variable: the upper regularised incomplete gamma function Q(freedom / 2, x / 2), by its power
 * series (DLMF 8.7.1) below the mean and by its continued fraction (DLMF 8.9.2, modified Lentz) above it.
 * @throws RangeError unless x ≥ 0 and freedom > 0
 */
export function chiSquareSurvival(x: number, freedom: number): number {
  if (!(x >= 0 && freedom > 0)) throw new RangeError(`chiSquareSurvival needs x ≥ 0, freedom > 0, got ${x}, ${freedom}`)
  const [a, z] = [freedom / 2, x / 2]
  if (z === 0) return 1
  const factor = Math.exp(a * Math.log(z) - z - logGamma(a))
  if (z < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < most && term > sum * 1e-17; n++) sum += term *= z / (a + n)
    return 1 - factor * sum
  }
  let b = z + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < most; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    const change = c * d
    fraction *= change
    if (Math.abs(change - 1) < 1e-16) break
  }
  return factor * fraction
}
