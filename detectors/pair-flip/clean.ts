import { logBeta } from '../../src/stats/log-beta.ts'
import { logSumExp } from '../../src/stats/log-sum-exp.ts'
import type { Tally } from './tallies.ts'
import type { Fitted } from './trusted.ts'

/** What is known of how often a clean source's records of one label are given a certain other label. */
export interface Clean {
  readonly bound: number // of the rate among trusted records
  readonly correlation: number // of errors within a source; 0: all sources have the same rate
  readonly k: number // of this source's trusted and earlier records, where sources differ
  readonly n: number
}

export function cleanSource(fitted: Fitted, cell: number, from: number, to: number, before: Tally | undefined): Clean {
  const bound = fitted.bound[from * fitted.labels + to] ?? 1
  const correlation = fitted.correlation[from] ?? 0
  const trusted = correlation === 0 ? undefined : fitted.sources.get(cell)
  const own = correlation === 0 ? [] : [trusted, before]
  return {
    bound,
    correlation,
    k: own.reduce((sum, tally) => sum + (tally?.given.get(to) ?? 0), 0),
    n: own.reduce((sum, tally) => sum + (tally?.n ?? 0), 0),
  }
}

/**
 * Log probability of k of n records in a given order, for a source whose rate is drawn from a Beta distribution with the
 * bound as its mean and the correlation as its spread, or, as often as the correlation says, is just any: a source that
 * always looks like another label is not as rare as the tail of a Beta distribution would have it.
 */
function logMarginal({ bound, correlation }: Clean, k: number, n: number): number {
  const strength = 1 / correlation - 1
  const a = bound * strength
  const b = strength - a
  return logSumExp([
    Math.log1p(-correlation) + logBeta(a + k, b + n - k) - logBeta(a, b),
    Math.log(correlation) + logBeta(1 + k, 1 + n - k),
  ])
}

/** The probability that the source's next record is given the other label, and never less than the bound. */
export function cleanRate(clean: Clean): number {
  const { bound, correlation, k, n } = clean
  if (correlation === 0 || bound >= 1) return bound
  return Math.max(bound, Math.exp(logMarginal(clean, k + 1, n + 1) - logMarginal(clean, k, n)))
}

/** Log probability of k more of n more records in a given order; the larger of what the source and the bound make it. */
function logClean(clean: Clean, k: number, n: number): number {
  const { bound, correlation } = clean
  const atBound = k * Math.log(bound) + (n - k) * Math.log1p(-bound)
  if (correlation === 0) return atBound
  return Math.max(atBound, logMarginal(clean, clean.k + k, clean.n + n) - logMarginal(clean, clean.k, clean.n))
}

/** Shares of a source's records of one label that it is supposed to flip: the bets. */
const flipped = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.9] as const

/**
 * Log likelihood ratios, one a bet, of k of n records having been given the other label: flips at a fixed rate, above
 * what is expected of the source before them, against a clean source. Each is an e-value, given what came before.
 */
export function logLikelihoodRatios(clean: Clean, k: number, n: number): Float64Array {
  const expected = cleanRate(clean)
  const against = logClean(clean, k, n)
  return Float64Array.from(flipped, (share) => {
    const rate = expected + share * (1 - expected)
    return k * Math.log(rate) + (n - k) * Math.log1p(-rate) - against
  })
}
