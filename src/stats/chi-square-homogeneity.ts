import { logChiSquareSurvival } from './log-chi-square-survival.ts'

/**
 * Pearson's chi-square test that two samples have the same distribution over categories, from their counts by category
 * (K. Pearson, Philosophical Magazine 50, 1900), without continuity correction. Categories that neither has are left out;
 * with fewer than two left nothing can differ: statistic 0, p 1.
 * @throws RangeError for an empty sample, or where the lists differ in length
 */
export function chiSquareHomogeneity(a: ArrayLike<number>, b: ArrayLike<number>) {
  const total = (counts: ArrayLike<number>) => Array.from(counts).reduce((sum, count) => sum + count, 0)
  const [n, m] = [total(a), total(b)]
  if (!(n > 0 && m > 0) || a.length !== b.length) {
    throw new RangeError('chiSquareHomogeneity needs counts of the same categories in both samples')
  }
  let statistic = 0
  let categories = 0
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    if (x + y === 0) continue
    categories++
    const [expectedX, expectedY] = [((x + y) * n) / (n + m), ((x + y) * m) / (n + m)]
    statistic += (x - expectedX) ** 2 / expectedX + (y - expectedY) ** 2 / expectedY
  }
  return { statistic, p: categories < 2 ? 1 : Math.exp(logChiSquareSurvival(statistic, categories - 1)) }
}
