/**
 * The area under the ROC curve: the probability that a positive scores higher than a negative, ties counting half
 * (Mann-Whitney U over the product of the class sizes).
 * @throws RangeError where a class is empty
 */
export function auroc(scores: ArrayLike<number>, positive: ArrayLike<boolean>): number {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i)
  order.sort((i, j) => (scores[i] ?? 0) - (scores[j] ?? 0))
  let negativesBelow = 0
  let positives = 0
  let doubledWins = 0
  for (let start = 0; start < order.length;) {
    const value = scores[order[start] ?? 0]
    let end = start
    let tiedPositives = 0
    while (end < order.length && scores[order[end] ?? 0] === value)
      if (positive[order[end++] ?? 0] === true) tiedPositives++
    const tiedNegatives = end - start - tiedPositives
    doubledWins += tiedPositives * (2 * negativesBelow + tiedNegatives)
    negativesBelow += tiedNegatives
    positives += tiedPositives
    start = end
  }
  if (positives === 0 || negativesBelow === 0) {
    throw new RangeError(`auroc needs both classes, got ${positives} positives and ${negativesBelow} negatives`)
  }
  return doubledWins / 2 / positives / negativesBelow
}
