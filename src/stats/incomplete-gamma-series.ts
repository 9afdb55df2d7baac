/** Σ xⁿ / ((a + 1) … (a + n)) from n = 0 on: P(a, x) is the Poisson density at a times it (DLMF 8.11.4). For x < a + 1. */
export function incompleteGammaSeries(a: number, x: number): number {
  let sum = 1
  let term = 1
  for (let n = 1; n < 1_000_000; n++) {
    term *= x / (a + n)
    sum += term
    if (term < sum * 1e-17) break
  }
  return sum
}
