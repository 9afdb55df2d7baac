/**
 * The largest power up to 1 that makes p-values no smaller than uniform ones are: of the smaller half, the i-th of n raised
 * to it is at least (i − ½)/n. p-values of data that spread wider than their model come out too small; for a χ² tail
 * such a power does about what dividing the statistic by its overdispersion does, whatever the degrees of freedom.
 * `logP` are the logarithms in any order; without any the power is 1.
 */
export function superuniformPower(logP: readonly number[]): number {
  const sorted = logP.toSorted((a, b) => a - b)
  let power = 1
  for (let i = 0; i < Math.ceil(sorted.length / 2); i++) {
    const value = sorted[i] ?? 0
    const expected = Math.log((i + 0.5) / sorted.length)
    if (value < expected) power = Math.min(power, expected / value)
  }
  return power
}
