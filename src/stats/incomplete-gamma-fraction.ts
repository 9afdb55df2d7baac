/** The continued fraction DLMF 8.9.2: Q(a, x) is a times the Poisson density at a times it. Modified Lentz; for x ≥ a + 1. */
export function incompleteGammaFraction(a: number, x: number): number {
  let denominator = x + 1 - a
  let c = Infinity
  let d = 1 / denominator
  let value = d
  for (let n = 1; n < 1_000_000; n++) {
    const numerator = n * (a - n)
    denominator += 2
    d = 1 / (denominator + numerator * d)
    c = denominator + numerator / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 4e-16) break
  }
  return value
}
