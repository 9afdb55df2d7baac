import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'
import { logEOfLogP } from '../../src/stats/log-e-of-log-p.ts'

/** Bets k of the cross evidence: a document of conformal p-value u is worth k u^(k−1). */
const bets = [0.05, 0.1, 0.2, 0.4, 0.7]
const leastBet = 0.7
const restartBelow = -Math.log(leastBet) / (1 - leastBet)

/** No bet has gained anything: with it the mixture is at most 1 as well, and the evidence starts again. */
export function restarts(documents: number, surprise: number): boolean {
  return surprise <= restartBelow * documents
}

/**
 * log of the mean over bets of ∏ k u^(k−1): with S the sum of −ln u over n documents each product is k^n e^((1−k) S),
 * an e-value where every u is uniform given the ones before (power calibrators, Vovk & Wang 2021).
 */
export function crossLogE(documents: number, surprise: number): number {
  let top = -Infinity
  for (const k of bets) top = Math.max(top, documents * Math.log(k) + (1 - k) * surprise)
  let sum = 0
  for (const k of bets) sum += Math.exp(documents * Math.log(k) + (1 - k) * surprise - top)
  return top + Math.log(sum / bets.length)
}

/**
 * ln P(Bin(c + r, t/(t + n)) ≥ c): the exact test that a feature that c of t documents of the stream and r of n trusted
 * ones have is no more frequent on the stream.
 */
export function jointLogP(c: number, t: number, r: number, n: number): number {
  return n === 0 ? 0 : logBinomialSurvival(c, c + r, t / (t + n))
}

export const fewest = 3 // documents before a subject is looked at

/** Which test is due at this count: 1 from 3 documents on, 2 from 6, 3 from 12 … */
export function testOf(documents: number): number {
  return documents < fewest ? 0 : 1 + Math.floor(Math.log2(documents / fewest))
}

/** log of the e-value of the k-th test of a subject: its share 6/(π² k²) of the evidence times the calibrated p-value. */
export function jointLogE(test: number, logP: number): number {
  return Math.log(6 / (Math.PI * test) ** 2) + logEOfLogP(logP)
}

/** How many of a subject's rate a trusted rate must be exceeded by for its documents to speak against it. */
const novelty = 3

export function isNovel(c: number, t: number, r: number, n: number): boolean {
  const G = (globalThis as any).G ?? [3, 3, 5]
  if (c * n > G[0] * (r + 0.5) * t) return true
  return c * n > G[1] * (r + 0.5) * t && -jointLogP(c, t, r, n) > G[2]
}

/** Share of the j-th of the subjects of a family to appear, j = 1, 2, …: they sum to less than 1. */
export function arrivalShare(j: number): number {
  return 1 / (3 * j * (1 + Math.log(j)) ** 1.5)
}
