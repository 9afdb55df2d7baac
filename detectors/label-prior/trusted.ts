import { rowsByValue } from '../../src/core/column.ts'
import { suggestedLabel, type Encoded } from '../../src/core/encoded.ts'
import { stretchesOf } from '../../src/core/stretches.ts'
import { gStatistic } from '../../src/stats/g-statistic.ts'
import { logChiSquareSurvival } from '../../src/stats/log-chi-square-survival.ts'
import { superuniformPower } from '../../src/stats/superuniform-power.ts'
import { beyondContent, logPOfExcess, shiftOf, type Shares, type Shift } from './content.ts'

export interface Fitted {
  readonly labels: number
  readonly counts: Float64Array // by label: given labels of the reference records
  readonly shift: Shift | null // null: content does not tell the labels apart
  readonly streamPower: number // by which p-values of the shares of all labels are tempered
  readonly labelPower: number // by which p-values of labels are tempered; 0: none is tested
  readonly sources: readonly string[] // that are tested by themselves
  readonly sourceCounts: Float64Array // sources × labels: given labels of their reference records
  readonly sourcePower: number // the same for sources
}

/** Records that are tested together, at least: of the stream, and of a source. */
export const streamBlock = 50
export const sourceBlock = 15
/** A source is tested where it has so many reference records, in blocks of at most a quarter of them. */
const fewestOfSource = 60
const stretches = 4
const fewestBlocks = 20
const mostSources = 500
const mostCounts = 2 ** 16 // sources × labels

export function learn(reference: Encoded): Fitted {
  const labels = reference.labels.length
  const rows = Array.from(reference.label.keys()).filter((row) => (reference.label[row] ?? -1) >= 0)
  const known = rowsByValue(reference.records.source, rows)
    .filter(([, own]) => own.length >= fewestOfSource)
    .slice(0, Math.min(mostSources, Math.floor(mostCounts / labels)))
  const sourceCounts = new Float64Array(known.length * labels)
  known.forEach(([, own], i) => sourceCounts.set(sharesOf(reference, own).given, i * labels))
  const shift = shiftOf(reference, rows)
  return {
    labels,
    counts: sharesOf(reference, rows).given,
    shift,
    streamPower: streamPowerOf(reference, rows),
    labelPower: shift === null ? 0 : labelPowerOf(reference, rows),
    sources: known.map(([source]) => source),
    sourceCounts,
    sourcePower: shift === null ? 0 : sourcePowerOf(reference, shift, known),
  }
}

function sharesOf(batch: Encoded, rows: readonly number[]): Shares {
  const labels = batch.labels.length
  const [given, says] = [new Float64Array(labels), new Float64Array(labels)]
  for (const row of rows) {
    const [label, suggested] = [batch.label[row] ?? -1, suggestedLabel(batch, row)]
    if (label < 0 || suggested < 0) continue
    given[label] = (given[label] ?? 0) + 1
    says[suggested] = (says[suggested] ?? 0) + 1
  }
  return { given, says }
}

/**
 * Shares of a block as though of no more records than a stretch of trusted ones has against all others, which is what
 * p-values were tempered by: what the trusted records get wrong is the same in each block, and must stay small against
 * the noise of one.
 */
export function atMostAStretch({ counts }: Pick<Fitted, 'counts'>, { given, says }: Shares): Shares {
  const sum = (of: Float64Array) => of.reduce((total, n) => total + n, 0)
  const worth = Math.min(1, sum(counts) / (stretches - 1) / sum(given))
  return { given: given.map((n) => n * worth), says: says.map((n) => n * worth) }
}

/**
 * ln p that a source is its usual self or what changed is not its labelling: the larger p-value of two tests, whether
 * labels have the shares that they had (G-test), and whether content implies these labels (Bonferroni over labels).
 */
export function logPOfSource(shift: Shift, own: Float64Array, shares: Shares): number {
  const count = shares.given.reduce((sum, n) => sum + n, 0)
  const most = own.reduce((sum, n) => sum + n, 0) / 4
  const { value, degrees } = gStatistic(
    own,
    shares.given.map((n) => n * Math.min(1, most / count)),
  )
  if (degrees === 0) return 0
  const excess = Math.max(...beyondContent(shift, shares))
  return Math.max(
    logChiSquareSurvival(value, degrees),
    Math.min(0, logPOfExcess(excess) + Math.log(shares.given.length)),
  )
}

// p-values are tempered for honest runs of records to look no stranger than chance: blocks of one stretch of time are
// tested against what all other stretches teach, short blocks and whole stretches.

function blocksOf(part: readonly number[], size: number): (readonly number[])[] {
  return Array.from({ length: Math.floor(part.length / size) }, (_, i) => part.slice(i * size, (i + 1) * size))
}

function powerFor(short: readonly number[], long: readonly number[]): number {
  return short.length < fewestBlocks ? 0 : Math.min(superuniformPower(short), superuniformPower(long))
}

/** ln p that given labels have the shares that trusted ones have (G-test). */
export function logPOfShares(trusted: Float64Array, given: Float64Array): number {
  const { value, degrees } = gStatistic(
    trusted.map((n) => n + 0.5), // a label that trusted records happen to lack is no proof
    given,
  )
  return degrees === 0 ? 0 : logChiSquareSurvival(value, degrees)
}

function streamPowerOf(reference: Encoded, rows: readonly number[]): number {
  const short: number[] = []
  const long: number[] = []
  const parts = stretchesOf(rows, reference.records.at, stretches)
  parts.forEach((part, i) => {
    const others = sharesOf(
      reference,
      parts.flatMap((other, j) => (j === i ? [] : other)),
    ).given
    const logP = (block: readonly number[]) => logPOfShares(others, sharesOf(reference, block).given)
    long.push(logP(part))
    for (const block of blocksOf(part, streamBlock)) short.push(logP(block))
  })
  return powerFor(short, long)
}

function labelPowerOf(reference: Encoded, rows: readonly number[]): number {
  const short: number[] = []
  const long: number[] = []
  const parts = stretchesOf(rows, reference.records.at, stretches)
  parts.forEach((part, i) => {
    const others = parts.flatMap((other, j) => (j === i ? [] : other))
    const shift = shiftOf(reference, others)
    if (shift === null) return
    const logP = (block: readonly number[]) =>
      Array.from(beyondContent(shift, sharesOf(reference, block)), logPOfExcess)
    long.push(...logP(part))
    for (const block of blocksOf(part, streamBlock)) short.push(...logP(block))
  })
  return powerFor(short, long)
}

function sourcePowerOf(
  reference: Encoded,
  shift: Shift,
  sources: readonly (readonly [string, readonly number[]])[],
): number {
  const short: number[] = []
  const long: number[] = []
  for (const [, rows] of sources) {
    const parts = stretchesOf(rows, reference.records.at, stretches)
    parts.forEach((part, i) => {
      const others = sharesOf(
        reference,
        parts.flatMap((other, j) => (j === i ? [] : other)),
      ).given
      const logP = (block: readonly number[]) => logPOfSource(shift, others, sharesOf(reference, block))
      long.push(logP(part))
      for (const block of blocksOf(part, sourceBlock)) short.push(logP(block))
    })
  }
  return powerFor(short, long)
}
