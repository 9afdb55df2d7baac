/**
 * G statistic (twice the log likelihood ratio) of two samples of counts having the same proportions, and its degrees of
 * freedom: the categories that occur in either, less one. R. Sokal & F. Rohlf, Biometry, 1981, chapter 17.
 * @throws RangeError where the lengths differ
 */
export function gStatistic(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly value: number; readonly degrees: number } {
  if (a.length !== b.length) throw new RangeError(`gStatistic needs equal lengths, got ${a.length} and ${b.length}`)
  let n = 0
  let m = 0
  for (let i = 0; i < a.length; i++) {
    n += a[i] ?? 0
    m += b[i] ?? 0
  }
  let sum = 0
  let categories = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    if (x + y === 0) continue
    categories++
    const share = (x + y) / (n + m)
    if (x > 0) sum += x * Math.log(x / (n * share))
    if (y > 0) sum += y * Math.log(y / (m * share))
  }
  return { value: Math.max(0, 2 * sum), degrees: Math.max(0, categories - 1) }
}
