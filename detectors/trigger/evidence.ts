import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'
import { logEOfLogP } from '../../src/stats/log-e-of-log-p.ts'
import { logMeanExp } from '../../src/stats/log-mean-exp.ts'

/**
 * Bets k of the cross evidence: a document of conformal p-value u is worth k u^(k−1). The mildest gains only where the
 * mean of −ln u is above −ln k/(1 − k) = 2, twice that of clean data. Words that are hard by nature lie below, and with
 * a milder bet each of them would gather evidence without end on a long stream.
 */
const bets = [0.05, 0.1, 0.2]
const logBets = bets.map((k) => Math.log(k))
const mildest = 0.2
const spentBelow = -Math.log(mildest)

/** Whether no bet has gained anything: then the mixture is at most 1, and the evidence may start again from 1. */
export function isSpent(documents: number, surprise: number): boolean {
  return (1 - mildest) * surprise <= spentBelow * documents
}

/** The largest of the bets' logs: at least the log of their mixture. */
export function crossBound(documents: number, surprise: number): number {
  let best = -Infinity
  for (let bet = 0; bet < bets.length; bet++) {
    best = Math.max(best, documents * (logBets[bet] ?? 0) + (1 - (bets[bet] ?? 0)) * surprise)
  }
  return best
}

/**
 * log of the mean over bets of ∏ k u^(k−1): with S the sum of −ln u over n documents each product is k^n e^((1−k) S).
 * An e-value where every u is uniform given those before it (power calibrators, Vovk & Wang 2021).
 */
export function crossLogE(documents: number, surprise: number): number {
  return logMeanExp(bets.map((k, bet) => documents * (logBets[bet] ?? 0) + (1 - k) * surprise))
}

/**
 * ln P(Bin(c + r, t/(t + n)) ≥ c): the exact test that a feature that c of t documents of the stream and r of n trusted
 * ones have is no more frequent on the stream (Przyborowski & Wilenski, Biometrika 31, 1940).
 */
export function jointLogP(c: number, t: number, r: number, n: number): number {
  return n === 0 ? 0 : logBinomialSurvival(c, c + r, t / (t + n))
}

export const fewest = 3 // documents before a subject is looked at

/** How many tests are due by this count: 1 from 3 documents on, 2 from 6, 3 from 12 … */
export function testsBy(documents: number): number {
  return documents < fewest ? 0 : 32 - Math.clz32(documents / fewest)
}

/** log of what the k-th test of a subject is worth: 6/(π² k²), which sums to 1 over the tests, times its e-value. */
export function jointLogE(test: number, logP: number): number {
  return Math.log(6 / (Math.PI * test) ** 2) + logEOfLogP(logP)
}

const novelty = 3
const significance = 2 // standard deviations

/**
 * By how many standard deviations c of t documents exceed what r of n trusted ones lead one to expect, on the
 * square-root scale, where the spread of a count is constant (F. J. Anscombe, Biometrika 35, 1948).
 */
export function excess(c: number, t: number, r: number, n: number): number {
  const ratio = t / Math.max(1, n)
  return (2 * (Math.sqrt(c + 0.375) - Math.sqrt((r + 0.5) * ratio + 0.375))) / Math.sqrt(1 + ratio)
}

/**
 * How far c of t documents are more than r of n trusted ones lead one to expect, 0 … 1: 1 where they are three times as
 * many, or two standard deviations more.
 */
export function noveltyOf(c: number, t: number, r: number, n: number): number {
  if (c * n > novelty * (r + 0.5) * t) return 1
  return Math.min(1, Math.max(0, excess(c, t, r, n) / significance))
}

/**
 * No smaller count has a `noveltyOf` of 1, now or when t has grown, since both of its terms fall with t: the inverse of both,
 * less what rounding could be off by.
 */
export function fewestNovel(t: number, r: number, n: number): number {
  const ratio = t / Math.max(1, n)
  const significantly = (significance / 2) * Math.sqrt(1 + ratio) + Math.sqrt((r + 0.5) * ratio + 0.375)
  const least = Math.min(significantly ** 2 - 0.375, (novelty * (r + 0.5) * t) / n)
  return Math.floor(least * (1 - 1e-9)) + 1
}

/** Share of the j-th subject of a family to appear, j = 1, 2, …: they sum to less than 1. */
export function arrivalShare(j: number): number {
  return 1 / (3 * j * (1 + Math.log(j)) ** 1.5)
}
