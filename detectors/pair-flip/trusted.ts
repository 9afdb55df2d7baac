import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import { valueAt } from '../../src/core/column.ts'
import { hash32 } from '../../src/core/hash.ts'
import { betaQuantile } from '../../src/stats/beta-quantile.ts'
import { normalQuantile } from '../../src/stats/normal-quantile.ts'
import { count, type Tallies } from './tallies.ts'

/** One way to look at a pair: among records whose content says a label, or among records that were given one. */
export interface Side {
  /** labels × labels, by (says, given): upper bound of the pair's rate among trusted records. 1: nothing is known. */
  readonly bound: Float64Array
  /** By label: share of the variance of errors that is between sources. 0: all sources err alike. */
  readonly correlation: Float64Array
}

export interface Fitted {
  readonly labels: number
  readonly salt: number // of the hashes that sources are counted by
  readonly delta: number
  readonly bySays: Side
  readonly byGiven: Side
  readonly sources: Tallies // of the trusted records
}

/** Records without a source are tested together, as a source without a name. */
export function sourceOf({ records }: Encoded, row: number): string {
  return valueAt(records.source, row) ?? ''
}

/** What a source is counted under. Salted, so that nobody can aim at another's. */
export function hashOf(source: string, salt: number): number {
  return hash32(source, salt)
}

/** Which labels content is mistaken for among trusted records, each seen by the others, and by how much sources differ. */
export function learn(reference: Encoded, delta: number, salt: number): Fitted {
  const labels = reference.labels.length
  const sources: Tallies = new Map()
  reference.label.forEach((given, row) => {
    const content = suggestedLabel(reference, row)
    if (given >= 0 && content >= 0) count(sources, hashOf(sourceOf(reference, row), salt), content * labels + given)
  })
  const viewed = (labelOf: (pair: number) => number) => {
    const cells = cellsOf(sources, labels, labelOf)
    return { labelOf, cells, ...correlations(cells) }
  }
  const says = viewed((pair) => Math.floor(pair / labels))
  const given = viewed((pair) => pair % labels)
  // sources that differ when seen one way are not taken for alike when seen the other
  const together = Math.max(says.together, given.together)
  const pairs = new Float64Array(labels * labels)
  for (const tally of sources.values()) for (const [pair, n] of tally) pairs[pair] = (pairs[pair] ?? 0) + n
  const sideOf = ({ cells, labelOf, apart }: typeof says): Side => {
    const correlation = apart.map((rho) => Math.max(rho, together))
    const bound = pairs.map((k, pair) => boundOf(k, cells[labelOf(pair)] ?? [], correlation[labelOf(pair)] ?? 0, delta))
    return { bound, correlation }
  }
  return { labels, salt, delta, bySays: sideOf(says), byGiven: sideOf(given), sources }
}

interface Cell {
  n: number // of a source's records of a label
  errors: number // those whose content says another label than was given
}

/** By label, as `labelOf` names it: the records of each source. */
function cellsOf(sources: Tallies, labels: number, labelOf: (pair: number) => number): Cell[][] {
  const cells: Cell[][] = Array.from({ length: labels }, () => [])
  for (const tally of sources.values()) {
    const own = new Map<number, Cell>()
    for (const [pair, n] of tally) {
      const cell = own.get(labelOf(pair)) ?? { n: 0, errors: 0 }
      cell.n += n
      if (Math.floor(pair / labels) !== pair % labels) cell.errors += n
      own.set(labelOf(pair), cell)
    }
    for (const [label, cell] of own) cells[label]?.push(cell)
  }
  return cells
}

/**
 * Upper bound of a rate that k of all records in the cells show. Records of one source are not independent: they weigh
 * as much as so many fewer that are (L. Kish's design effect).
 */
function boundOf(k: number, cells: readonly Cell[], correlation: number, delta: number): number {
  const n = cells.reduce((sum, cell) => sum + cell.n, 0)
  if (k >= n) return 1
  const effect = 1 + correlation * (cells.reduce((sum, cell) => sum + cell.n ** 2, 0) / n - 1)
  return betaQuantile(1 - delta, k / effect + 1, (n - k) / effect)
}

const significance = 0.01 // of all these tests together

/**
 * Correlation of errors within a source, by label and over all labels together, by moments: the variance of a source's n records with k errors is
 * n p (1 − p) (1 + (n − 1) ρ). Zero unless the score test against equal sources rejects at 1 % over all labels (R. Tarone,
 * Testing the goodness of fit of the binomial distribution, Biometrika 66, 1979): an estimate from sources that are alike would be
 * noise.
 */
function correlations(cells: readonly (readonly Cell[])[]): { apart: Float64Array; together: number } {
  const sums = cells.map((of) => {
    const n = of.reduce((sum, cell) => sum + cell.n, 0)
    const p = of.reduce((sum, cell) => sum + cell.errors, 0) / n
    const pairs = of.reduce((sum, cell) => sum + cell.n * (cell.n - 1), 0)
    if (!(p > 0 && p < 1)) return { excess: 0, pairs: 0 }
    return { excess: of.reduce((sum, { n: m, errors }) => sum + (errors - m * p) ** 2 / (p * (1 - p)) - m, 0), pairs }
  })
  const rejectedAt = normalQuantile(1 - significance / (cells.length + 1))
  const estimate = (excess: number, pairs: number) =>
    pairs > 0 && excess / Math.sqrt(2 * pairs) > rejectedAt ? Math.min(excess / pairs, 1) : 0
  const together = estimate(
    sums.reduce((sum, { excess }) => sum + excess, 0),
    sums.reduce((sum, { pairs }) => sum + pairs, 0),
  )
  return { apart: Float64Array.from(sums, ({ excess, pairs }) => estimate(excess, pairs)), together }
}
