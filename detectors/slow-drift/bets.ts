import { mixDistance } from '../../src/core/source-mix.ts'
import { exceedanceLogE } from '../../src/stats/exceedance-log-e.ts'
import type { Anchor } from './anchor.ts'
import { farthest } from './scores.ts'

/** Stakes on a shift of a mean, per standard deviation: best for shifts of about as many. */
const stakes = [0.03, 0.1, 0.3] as const
/** Stakes on more records in a tail. */
const tailStakes = [1, 4] as const

/** Standard deviations of what another mix of sources makes that are allowed for. */
const mixErrors = 2.5

const betsOf = (axes: number, tails: number): number => 2 * stakes.length * axes + tailStakes.length * tails

/** What records of a subject add up to. */
export interface Faded {
  count: number
  readonly sums: Float64Array // axes
  readonly inTail: Float64Array // tails
}

export interface Totals extends Faded {
  readonly mix: Float64Array // by place of the source
}

/**
 * Log e-values of `count` records, one a bet. For each axis, direction and stake λ: λ S − count · v ψ(λ), where S is how
 * far the records lie in that direction beyond the anchor's margin, v bounds the variance, and by Bennett's inequality
 * ψ(λ) = (e^(λb) − 1 − λb) / b² bounds the logarithmic moment for scores that exceed their mean by at most b (Boucheron,
 * Lugosi & Massart 2013, Concentration Inequalities, theorem 2.9). For each tail, bets on more exceedances than its bound.
 * Where the mix of sources is not the trusted one, what sources differ by is allowed for too.
 * All of it over the design effect: of records that have so much in common, that many speak with one voice, and a
 * power of an e-value below 1 is an e-value.
 */
export function logEvidence(anchor: Anchor, { count, sums, inTail, mix }: Totals): Float64Array {
  const otherMix = Math.sqrt(mixDistance(mix, count, anchor.mix))
  const axes = anchor.means.length
  const logE = new Float64Array(betsOf(axes, inTail.length))
  let at = 0
  for (let k = 0; k < axes; k++) {
    const mean = anchor.means[k] ?? 0
    const moved = (sums[k] ?? 0) - count * mean
    const reach = farthest + Math.abs(mean)
    const effect = anchor.effects[k] ?? 1
    const margin = Math.max(anchor.margins[k] ?? 0, mixErrors * (anchor.bySource[k] ?? 0) * otherMix)
    for (const direction of [1, -1]) {
      for (const stake of stakes) {
        const cost = ((anchor.variances[k] ?? 0) * (Math.expm1(stake * reach) - stake * reach)) / (reach * reach)
        logE[at++] = (stake * (direction * moved - count * margin) - count * cost) / effect
      }
    }
  }
  anchor.tails.forEach((bound, t) => {
    const effect = anchor.effects[axes + t] ?? 1
    const least = bound + mixErrors * (anchor.bySource[axes + t] ?? 0) * otherMix
    logE.set(
      exceedanceLogE(inTail[t] ?? 0, count, Math.min(1, least), tailStakes).map((value) => value / effect),
      at,
    )
    at += tailStakes.length
  })
  return logE
}
