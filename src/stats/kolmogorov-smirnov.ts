export interface KolmogorovSmirnov {
  readonly statistic: number // the largest distance of the two empirical distribution functions
  readonly p: number // by Kolmogorov's limiting distribution at √(n m / (n + m)) · statistic
}

/**
 * Two-sample Kolmogorov-Smirnov test of ascending samples (N. Smirnov, Annals of Mathematical Statistics 19, 1948). The
 * p-value is that of large samples of a continuous quantity; with ties and in small samples it is too large, never too small.
 * @throws RangeError for an empty sample
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): KolmogorovSmirnov {
  if (a.length === 0 || b.length === 0) throw new RangeError('kolmogorovSmirnov needs values in both samples')
  let [i, j, statistic] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i] ?? NaN, b[j] ?? NaN)
    while (i < a.length && (a[i] ?? NaN) <= x) i++
    while (j < b.length && (b[j] ?? NaN) <= x) j++
    statistic = Math.max(statistic, Math.abs(i / a.length - j / b.length))
  }
  return { statistic, p: survival(Math.sqrt((a.length * b.length) / (a.length + b.length)) * statistic) }
}

/** P(K > x): 2 Σ (−1)^(k−1) exp(−2 k² x²), and for small x the other theta series, which converges there. */
function survival(x: number): number {
  if (x <= 0) return 1
  let sum = 0
  if (x < 1) {
    for (let k = 1; k <= 19; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * x * x))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum
  }
  for (let k = 1; k <= 10; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * x) ** 2)
  return sum
}
