/**
 * x ln(x / mean) + mean − x for x ≥ 0, mean > 0, without the cancellation that the plain formula suffers where x is near
 * the mean. Half the Poisson deviance; called D₀ by C. Loader (Fast and Accurate Computation of Binomial Probabilities, 2000).
 */
export function poissonDeviance(x: number, mean: number): number {
  if (x === 0) return mean
  const difference = x - mean
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference
  const v = difference / (x + mean)
  let sum = difference * v
  let term = 2 * x * v
  for (let j = 3; j < 1000; j += 2) {
    term *= v * v
    const next = sum + term / j
    if (next === sum) break
    sum = next
  }
  return sum
}
