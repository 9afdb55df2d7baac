import { stretchesOf } from '../../src/core/stretches.ts'
import { sourcePlaces } from '../../src/core/source-mix.ts'
import { betweenGroupVariance } from '../../src/stats/between-group-variance.ts'
import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'

/** What the stream or a source may look like while it is clean: bounds that hold for its true means at 95 % and more. */
export interface Anchor {
  readonly name: string | null // source; null: the stream
  readonly rows: number // reference records
  readonly means: Float64Array // axes
  readonly margins: Float64Array // axes: how far the true mean may lie from that
  readonly variances: Float64Array // axes: of one record
  readonly tails: Float64Array // by tail: bound of the share of records whose novelty exceeds its threshold
  readonly effects: Float64Array // axes, then tails: so many records of one time are worth as much as one alone
  readonly mix: Float64Array // shares of sources, by place
  readonly bySource: Float64Array // axes, then tails: standard deviation of the means of sources
}

/** Scores of trusted records: rows × axes, and 1 where a record lies in a tail, rows × tails. */
export interface Scores {
  readonly axes: number
  readonly scores: Float64Array
  readonly tails: number
  readonly inTail: Uint8Array
}

/** When trusted records came, and where from: the place at which their source is counted. */
export interface Origins {
  readonly at: Float64Array
  readonly place: Int32Array
}

/** Standard errors of a trusted mean that are allowed for. All axes together are to hold: .975 one-sided of four. */
const marginErrors = 2.5
/** Standard errors beyond which neighbours have something in common. */
const beyondChance = 3
const stretchBeyondChance = 3.5 // there are five stretches on every axis
const stretches = 5
const blocks = [25, 50, 100] as const
const fewestBlocks = 8
const doubt = 0.05

/**
 * Bounds from the members among trusted rows. What records of one time have in common is allowed for twice: by the design effect (Kish 1965, Survey Sampling: variance of means of consecutive records over that of
 * independent ones), and by how far a stretch of time, a fifth of them, lay from another.
 */
export function anchorOf(name: string | null, given: Scores, members: Int32Array, { at, place }: Origins): Anchor {
  const rows = members.length
  const inTime = Int32Array.from(stretchesOf([...members], at, 1).flat())
  const means = new Float64Array(given.axes)
  const margins = new Float64Array(given.axes)
  const variances = new Float64Array(given.axes)
  const effects = new Float64Array(given.axes + given.tails).fill(1)
  for (let k = 0; k < given.axes; k++) {
    const values = Float64Array.from(members, (row) => given.scores[row * given.axes + k] ?? 0)
    const { mean, variance, error } = moments(values)
    const series = Float64Array.from(inTime, (row) => given.scores[row * given.axes + k] ?? 0)
    const effect = designEffect(series, mean, variance)
    means[k] = mean
    variances[k] = variance + 2 * error
    effects[k] = effect
    const noise = Math.sqrt((effect * variance) / rows)
    margins[k] = marginErrors * noise + stretchMargin(series, mean, variance)
  }
  const column = (of: Int32Array, t: number) => Float64Array.from(of, (row) => given.inTail[row * given.tails + t] ?? 0)
  const all = Array.from({ length: given.tails }, (_, t) => column(members, t))
  const series = Array.from({ length: given.tails }, (_, t) => column(inTime, t))
  // the wider tail shows what records of one time have in common better than the few records of the narrower one
  const effect = Math.max(
    ...all.map((values, t) => {
      const { mean, variance } = moments(values)
      return designEffect(series[t] ?? new Float64Array(0), mean, variance)
    }),
  )
  effects.fill(effect, given.axes)
  const tails = Float64Array.from(all, (values, t) => {
    const count = values.reduce((sum, value) => sum + value, 0)
    const bound = clopperPearsonUpper(count / effect, rows / effect, doubt)
    return Math.max(bound, ...stretchRates(series[t] ?? new Float64Array(0), bound))
  })
  const mix = new Float64Array(sourcePlaces)
  for (const row of members) mix[place[row] ?? 0] = (mix[place[row] ?? 0] ?? 0) + 1 / rows
  const group = members.map((row) => place[row] ?? 0)
  const pick = (of: ArrayLike<number>, width: number) =>
    Float64Array.from(
      { length: rows * width },
      (_, i) => of[(members[Math.floor(i / width)] ?? 0) * width + (i % width)] ?? 0,
    )
  const bySource = Float64Array.of(
    ...betweenGroupVariance(pick(given.scores, given.axes), given.axes, group),
    ...betweenGroupVariance(pick(given.inTail, given.tails), given.tails, group),
  ).map(Math.sqrt)
  return { name, rows, means, margins, variances, tails, effects, mix, bySource }
}

/** Mean, variance, and the standard error of that variance. */
function moments(values: Float64Array) {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const squares = values.map((value) => (value - mean) ** 2)
  const variance = squares.reduce((sum, value) => sum + value, 0) / n
  const spread = squares.reduce((sum, value) => sum + (value - variance) ** 2, 0) / n
  return { mean, variance, error: Math.sqrt(spread / n) }
}

/**
 * The largest that blocks of consecutive values show beyond chance; 1 where they show none. Reference records are half of
 * the trusted ones, drawn at random: what neighbours have in common counts twice among all of them.
 */
function designEffect(series: Float64Array, mean: number, variance: number): number {
  let effect = 1
  for (const size of blocks) {
    const count = Math.floor(series.length / size)
    if (count < fewestBlocks || !(variance > 0)) break
    const found =
      blockMeans(series, count, size).reduce((sum, each) => sum + (size * (each - mean) ** 2) / variance, 0) / count
    if (found > 1 + beyondChance * Math.sqrt(2 / count)) effect = Math.max(effect, 1 + 2 * (found - 1))
  }
  return effect
}

function blockMeans(series: Float64Array, count: number, size: number): number[] {
  return Array.from({ length: count }, (_, b) => {
    const block = series.subarray(b * size, (b + 1) * size)
    return block.reduce((sum, value) => sum + value, 0) / size
  })
}

/**
 * How far one stretch of time lies from another, where one lies farther from the mean of all than chance would have it:
 * what comes after the trusted records is such a stretch.
 */
function stretchMargin(series: Float64Array, mean: number, variance: number): number {
  const size = Math.floor(series.length / stretches)
  if (size === 0) return 0
  const means = blockMeans(series, stretches, size)
  const most = Math.max(...means.map((each) => Math.abs(each - mean)))
  return most > stretchBeyondChance * Math.sqrt(variance / size) ? Math.max(...means) - Math.min(...means) : 0
}

/** Shares of stretches that have more in the tail than the bound makes likely. */
function stretchRates(series: Float64Array, bound: number): number[] {
  const size = Math.floor(series.length / stretches)
  if (size === 0) return []
  return blockMeans(series, stretches, size).filter(
    (share) => logBinomialSurvival(Math.round(share * size), size, bound) < Math.log(0.01),
  )
}
