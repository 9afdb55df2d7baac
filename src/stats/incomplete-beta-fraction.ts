/**
 * The continued fraction F with I_x(a, b) = xᵃ yᵇ / (B(a, b) F), y = 1 − x: the even part of DLMF 8.17.22 as given by
 * DiDonato & Morris (Algorithm 708, ACM TOMS 18, 1992), by the modified Lentz method.
 * Converges fast for x < (a + 1)/(a + b + 2), the farther below the faster; callers take the other tail otherwise.
 */
export function incompleteBetaFraction(x: number, y: number, a: number, b: number): number {
  let value = (a * (a * y - b * x + 1)) / (a + 1)
  let c = value
  let d = 0
  for (let m = 1; m < 100_000; m++) {
    const twice = a + 2 * m
    const numerator = ((m * (a + m - 1)) / (twice - 1)) * ((a + b + m - 1) / (twice - 1)) * (b - m) * x * x
    const denominator =
      m + (m * (b - m) * x) / (twice - 1) + ((a + m) * (a * y - b * x + 1 + m * (2 - x))) / (twice + 1)
    d = 1 / (denominator + numerator * d)
    c = denominator + numerator / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 4e-16) break
  }
  return value
}
