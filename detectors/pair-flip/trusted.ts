import type { Encoded } from '../../src/core/encoded.ts'
import { valueAt } from '../../src/core/column.ts'
import { hash32 } from '../../src/core/hash.ts'
import { betaQuantile } from '../../src/stats/beta-quantile.ts'
import { count, type Tallies, type Tally } from './tallies.ts'

export interface Fitted {
  readonly labels: number
  readonly salt: number // of the hashes that sources are counted by
  readonly bound: Float64Array // labels × labels: of P(given column | content says row), for a source nobody knows; 1: cannot be tested
  /** By suggested label: share of the variance of errors that is between sources. 0: all sources err alike. */
  readonly correlation: Float64Array
  readonly sources: Tallies // of the trusted records, where sources differ
}

/** The label that content alone suggests: the most probable, of equally probable ones the first; -1 without labels. */
export function suggested({ probabilities }: Encoded, row: number): number {
  const { cols, data } = probabilities
  let best = -1
  let most = -Infinity
  for (let label = 0; label < cols; label++) {
    const p = data[row * cols + label] ?? 0
    if (p > most) [best, most] = [label, p]
  }
  return best
}

/** Records without a source are tested together, as a source without a name. */
export function sourceOf({ records }: Encoded, row: number): string {
  return valueAt(records.source, row) ?? ''
}

/** The key that a source's records with this suggested label are counted under. Salted, so that nobody can aim at another's. */
export function cellOf(source: string, from: number, { labels, salt }: Pick<Fitted, 'labels' | 'salt'>): number {
  return hash32(source, salt) * labels + from
}

/** What the trusted records say, predicted by each other: which labels content is mistaken for, and by how much sources differ. */
export function learn(reference: Encoded, delta: number, salt: number): Fitted {
  const labels = reference.labels.length
  const confusion = new Float64Array(labels * labels)
  const sources: Tallies = new Map()
  reference.label.forEach((given, row) => {
    const from = suggested(reference, row)
    if (given < 0 || from < 0) return
    confusion[from * labels + given] = (confusion[from * labels + given] ?? 0) + 1
    count(sources, cellOf(sourceOf(reference, row), from, { labels, salt }), from, given)
  })

  const correlation = correlations(sources, confusion, labels)
  const bound = new Float64Array(labels * labels).fill(1)
  for (let from = 0; from < labels; from++) {
    const n = total(confusion, from, labels)
    // records of one source are not independent: they weigh as much as this many independent ones do (design effect)
    const squares = cellsOf(sources, from, labels).reduce((sum, tally) => sum + tally.n ** 2, 0)
    const effect = 1 + (correlation[from] ?? 0) * Math.max(0, squares / n - 1)
    for (let to = 0; to < labels; to++) {
      const k = confusion[from * labels + to] ?? 0
      if (to === from || k >= n) continue
      bound[from * labels + to] = betaQuantile(1 - delta, k / effect + 1, (n - k) / effect)
    }
  }
  const differ = correlation.some((rho) => rho > 0)
  return { labels, salt, bound, correlation, sources: differ ? sources : new Map() }
}

function total(confusion: Float64Array, from: number, labels: number): number {
  return confusion.subarray(from * labels, (from + 1) * labels).reduce((sum, each) => sum + each, 0)
}

function cellsOf(tallies: Tallies, from: number, labels: number): Tally[] {
  return [...tallies].filter(([cell]) => cell % labels === from).map(([, tally]) => tally)
}

/**
 * Correlation of errors within a source, by suggested label, by moments: the variance of a source's n records with
 * k errors is n p (1 − p) (1 + (n − 1) ρ). Zero unless the score test against equal sources rejects at 1 %
 * (R. Tarone, Testing the goodness of fit of the binomial distribution, Biometrika 66, 1979), since an estimate from
 * sources that are alike would be noise. Where sources differ over all labels together, each differs at least so much.
 */
function correlations(sources: Tallies, confusion: Float64Array, labels: number): Float64Array {
  const excess = new Float64Array(labels + 1) // last: all labels together
  const pairs = new Float64Array(labels + 1)
  for (let from = 0; from < labels; from++) {
    const n = total(confusion, from, labels)
    const p = 1 - (confusion[from * labels + from] ?? 0) / n
    if (!(p > 0 && p < 1)) continue
    for (const tally of cellsOf(sources, from, labels)) {
      const errors = [...tally.given.values()].reduce((sum, each) => sum + each, 0)
      for (const at of [from, labels]) {
        excess[at] = (excess[at] ?? 0) + (errors - tally.n * p) ** 2 / (p * (1 - p)) - tally.n
        pairs[at] = (pairs[at] ?? 0) + tally.n * (tally.n - 1)
      }
    }
  }
  const found = excess.map((e, at) => {
    const m = pairs[at] ?? 0
    return m > 0 && e / Math.sqrt(2 * m) > rejectedAt ? Math.min(e / m, largest) : 0
  })
  return found.subarray(0, labels).map((rho) => Math.max(rho, found[labels] ?? 0))
}

const rejectedAt = 2.326 // the standard normal's 99 % point
const largest = 0.95
