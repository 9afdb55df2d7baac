import { mixDistance } from '../../src/core/source-mix.ts'
import { conformalPValue } from '../../src/stats/conformal-p-value.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'
import type { Anchor } from './anchor.ts'
import type { Fitted } from './trusted.ts'

/** Standard deviations of what another mix of sources makes that are allowed for. */
const mixErrors = 2.5
/** Confidence that the error of the trusted mean is below its bound: 1 − this. */
const doubt = 0.05

/** Whitened mean of `count` records, of which `sum` is the sum of features, less the anchor's. */
export function displacement(
  { centre, lower }: Fitted,
  anchor: Anchor,
  sum: Float64Array,
  count: number,
): Float64Array {
  const moved = centre.map((value, j) => (sum[j] ?? 0) / count - value)
  return solveLower(lower, centre.length, moved).map((value, j) => value - (anchor.mean[j] ?? 0))
}

/**
 * p-value of records that arrived together, by n ‖displacement‖² over 1 + n (1 / trusted + wander): the noise of the
 * batch, of the trusted mean, and of honest change. More records than a quarter of the trusted ones are tested as the
 * average over blocks of that size, so that the error of the trusted mean, which is the same in batch after batch, stays
 * small against the noise of a block.
 */
export function blockPValue(anchor: Anchor, squared: number, count: number, mix: Float64Array): number {
  const size = Math.min(count, Math.floor(anchor.rows / 4))
  const value = size * squared + (1 - size / count) * anchor.noise
  return conformalPValue(
    anchor.null,
    value / (1 + size * (1 / anchor.rows + honestAt(anchor, size, mixDistance(mix, count, anchor.mix)))),
  )
}

/**
 * p-value of a long block. Against it the error of the trusted mean is not small, and it is the same for every block:
 * so its length is bounded (95 %) and taken off.
 */
export function longPValue(anchor: Anchor, squared: number, count: number, mix: Float64Array): number {
  const known = 1 / anchor.rows + honestAt(anchor, count, mixDistance(mix, count, anchor.mix))
  const bound = Math.sqrt(quantile(anchor.null, 1 - doubt) * known)
  return conformalPValue(anchor.null, count * Math.max(0, Math.sqrt(squared) - bound) ** 2)
}

/**
 * Variance of honest means beside their noise: the wander over time of the largest known blocks of trusted records that
 * came in no longer a time, or what another mix of sources makes, whichever is more. Reference records are half of the
 * trusted ones: a block of them took as long as twice as many records of a stream.
 */
function honestAt({ wander, bySource }: Anchor, size: number, otherMix: number): number {
  const overTime = (wander.findLast((each) => 2 * each.size <= size) ?? wander[0])?.variance ?? 0
  return Math.max(overTime, mixErrors ** 2 * bySource * otherMix)
}
