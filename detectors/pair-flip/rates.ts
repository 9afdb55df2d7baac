import { betaQuantile } from '../../src/stats/beta-quantile.ts'
import { margins } from './tallies.ts'
import type { Fitted } from './trusted.ts'

/** Upper bounds of a clean source's rate of one pair, each among other records; null where nothing bounds it. */
export interface Rates {
  readonly bySays: number | null // of records whose content says the one label, those given the other
  readonly byGiven: number | null // of records given the other label, those whose content says the one
}

// A source that may do it half of the time when it is clean can't be told from one that does it on purpose.
const useless = 0.5

// So many trusted sources that do not differ make it likely that a source of the stream does not either.
const fewestAlike = 10

/**
 * Where trusted sources are alike, all have the same bound, and the first look is enough: it is the sharper one. Where
 * they differ, in what they send or how hard it is, both looks must agree, and a source is only measured by trusted
 * records of its own, by an exact one-sided bound that holds for all sources at once, and never by less than all have
 * together: a source that was easy so far may have been lucky.
 */
export function ratesOf(fitted: Fitted, source: number, says: number, given: number): Rates {
  const { labels, delta, sources, bySays, byGiven } = fitted
  const pair = says * labels + given
  const own = margins(sources.get(source), labels, says, given)
  const rate = (bound: number, correlation: number, n: number) => {
    const mine = correlation === 0 ? 0 : betaQuantile(1 - delta / sources.size, own.k + 1, n - own.k + 1)
    const least = Math.max(bound, mine)
    return least > useless ? null : least
  }
  const differ = [...bySays.correlation, ...byGiven.correlation].some((correlation) => correlation > 0)
  const alike = !differ && sources.size >= fewestAlike
  return {
    bySays: rate(bySays.bound[pair] ?? 1, bySays.correlation[says] ?? 0, own.says),
    byGiven: alike ? null : rate(byGiven.bound[pair] ?? 1, byGiven.correlation[given] ?? 0, own.given),
  }
}

/** Shares of a source's records that it is supposed to flip: the bets. */
const flipped = [0.05, 0.1, 0.2, 0.4, 0.8] as const

/** Log likelihood ratios, one a bet, of k of n records: flips on top of the clean rate against the clean rate. */
function logRatios(k: number, n: number, clean: number): Float64Array {
  return Float64Array.from(flipped, (share) => {
    const rate = clean + share * (1 - clean)
    return k * Math.log(rate / clean) + (n - k) * Math.log1p(-share)
  })
}

/**
 * Log e-values, one a bet, that k records of a pair are more than a clean source has; null where nothing bounds that.
 * A source that begins to send other labels has more of the pair among records that look alike, without a flip; one
 * whose records become harder has it among those that were given the label. Flips have both: the smaller e-value counts.
 */
export function logEvidence(rates: Rates, k: number, says: number, given: number): Float64Array | null {
  const one = rates.bySays === null ? null : logRatios(k, says, rates.bySays)
  const other = rates.byGiven === null ? null : logRatios(k, given, rates.byGiven)
  if (one === null || other === null) return one ?? other
  return one.map((e, bet) => Math.min(e, other[bet] ?? 0))
}
