/**
 * The highest true-positive rate of a rule "score ≥ threshold" whose false-positive rate is at most `fpr`. Equal scores go
 * together, and nothing is interpolated between thresholds.
 * @throws RangeError where a class is empty
 */
export function tprAtFpr(scores: ArrayLike<number>, positive: ArrayLike<boolean>, fpr: number): number {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i)
  order.sort((i, j) => (scores[j] ?? 0) - (scores[i] ?? 0))
  let positives = 0
  for (let i = 0; i < scores.length; i++) if (positive[i] === true) positives++
  const negatives = scores.length - positives
  if (positives === 0 || negatives === 0) {
    throw new RangeError(`tprAtFpr needs both classes, got ${positives} positives and ${negatives} negatives`)
  }
  let truePositives = 0
  let falsePositives = 0
  let best = 0
  for (let i = 0; i < order.length; i++) {
    if (positive[order[i] ?? 0] === true) truePositives++
    else falsePositives++
    if (falsePositives / negatives > fpr) break
    if (i + 1 === order.length || scores[order[i + 1] ?? 0] !== scores[order[i] ?? 0]) best = truePositives / positives
  }
  return best
}
