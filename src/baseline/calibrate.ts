import type { Detector } from '../core/detector.ts'
import type { Encoded } from '../core/encoded.ts'
import { TasterError } from '../core/errors.ts'
import type { Calibration } from './baseline.ts'
import { listed } from './listed.ts'
import type { EncodedSplits } from './fit-encoding.ts'
import { bootstrapNulls, testableSizes } from './nulls.ts'
import { wanderOf } from './wander.ts'

/** Scores that a conformal p-value needs to say anything: with 20 the smallest is .048. */
const fewestScores = 20

export interface Calibrated {
  readonly calibration: Calibration
  readonly warnings: readonly string[]
}

/**
 * What turns a fitted detector's numbers into p-values, from the calibration split, which it was not fitted to.
 * Throws CALIBRATION_INSUFFICIENT where the split cannot calibrate a detector that needs it.
 */
export function calibrate(
  detector: Detector,
  params: unknown,
  fitted: unknown,
  splits: EncodedSplits,
  seed: number,
): Calibrated {
  const { calibration } = splits
  const { measurements } = detector.measure(calibration, fitted, detector.memory.empty())
  const scored = measurements.find((measurement) => measurement.kind === 'scores')
  const byScore = scored === undefined ? { scores: [], warnings: [] } : scoresByLabel(calibration, scored.scores)
  const byStatistic = nullsOf(detector, params, fitted, splits, seed)

  const needed = scored !== undefined || detector.resample !== null
  const usable = byScore.scores.some(({ length }) => length > 0) || byStatistic.nulls.size > 0
  if (needed && !usable) {
    throw new TasterError(
      'CALIBRATION_INSUFFICIENT',
      `${calibration.label.length} calibration records are too few, for every label: a score needs ${fewestScores} of a label, a statistic 50. Trust more records`,
    )
  }
  return {
    calibration: { scores: byScore.scores, nulls: byStatistic.nulls },
    warnings: [...byScore.warnings, ...byStatistic.warnings],
  }
}

/** Ascending scores by label. Labels with too few share what they have together; too few of that: none is tested. */
function scoresByLabel(encoded: Encoded, scores: Float64Array) {
  const byLabel: number[][] = Array.from({ length: Math.max(1, encoded.labels.length) }, () => [])
  scores.forEach((score, row) => {
    const label = encoded.labels.length === 0 ? 0 : (encoded.label[row] ?? -1)
    if (!Number.isNaN(score)) byLabel[label]?.push(score)
  })
  const rare = byLabel.filter(({ length }) => length < fewestScores)
  const pooled = Float64Array.from(rare.flat()).toSorted()
  const shared = pooled.length < fewestScores ? new Float64Array() : pooled
  const names = byLabel.flatMap(({ length }, label) =>
    length < fewestScores ? [JSON.stringify(encoded.labels[label] ?? 'all records')] : [],
  )
  const fate = shared.length === 0 ? 'these are not scored' : 'these are scored against each other'
  return {
    scores: byLabel.map((values) => (values.length < fewestScores ? shared : Float64Array.from(values).toSorted())),
    warnings: rare.length === 0 ? [] : [`fewer than ${fewestScores} calibration scores of ${listed(names)}: ${fate}`],
  }
}

function nullsOf(detector: Detector, params: unknown, fitted: unknown, splits: EncodedSplits, seed: number) {
  const { reference, calibration } = splits
  const nulls = new Map<string, ReadonlyMap<number, Float64Array>>()
  const untested: string[] = []
  const wandering: string[] = []
  let timeless = false
  const { resample } = detector
  if (resample === null) return { nulls, warnings: [] }

  const subjects = resample.by === 'stream' ? [null] : calibration.labels.map((_, label) => label)
  subjects.forEach((label, i) => {
    const name = label === null ? null : (calibration.labels[label] ?? '')
    const calibrationRows = rowsOf(calibration, label)
    const referenceRows = rowsOf(reference, label)
    const sizes = testableSizes(resample.sizes, calibrationRows.length, referenceRows.length)
    const of = { detector, fitted, label: name, calibrationRows, referenceRows }
    const bySize = sizes.length === 0 ? new Map() : bootstrapNulls(of, calibration, reference, sizes, seed + i)
    const wander = wanderOf(detector, params, seed, splits, name, bySize)
    const widened = new Map([...wander.factors].map(([size, factor]) => [size, scaled(bySize.get(size), factor)]))
    const subject = name === null ? 'the stream' : JSON.stringify(name)
    const widest = Math.max(1, ...wander.factors.values())
    timeless ||= wander.timeless
    if (widest > 1) wandering.push(`${subject} (${widest.toFixed(1)} times)`)
    if (widened.size > 0) nulls.set(name ?? '', widened)
    // where there are too few reference records, this has been said before
    else if (referenceRows.length >= detector.needs.trustedPerLabel) untested.push(subject)
  })
  const too = untested.length === 0 ? [] : [`too few calibration records to test batches of ${listed(untested)}`]
  const drift =
    wandering.length === 0
      ? []
      : [
          `trusted records drift over time, so a batch counts as shifted only where it lies farther out than they do among themselves: ${listed(wandering)}`,
        ]
  const untimed = timeless ? ['trusted records have no event time: natural drift over time is not allowed for'] : []
  return { nulls, warnings: [...too, ...drift, ...untimed] }
}

function scaled(values: Float64Array | undefined, factor: number): Float64Array {
  return (values ?? new Float64Array()).map((value) => factor * value)
}

/** All rows, or those of a label. */
function rowsOf(encoded: Encoded, label: number | null): Int32Array {
  const rows = encoded.label.map((_, row) => row)
  return label === null ? rows : rows.filter((row) => encoded.label[row] === label)
}
