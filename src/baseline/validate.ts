import type { Detector } from '../core/detector.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement } from '../core/measurement.ts'
import { clopperPearson } from '../stats/clopper-pearson.ts'
import { logMeanExp } from '../stats/log-mean-exp.ts'
import { logSumExp } from '../stats/log-sum-exp.ts'
import { permutation, random } from '../stats/random.ts'
import type { Calibration } from './baseline.ts'
import { drawn } from './drawn.ts'
import type { Realised } from './manifest.ts'
import { conformalPValues, statisticPValue } from './pvalues.ts'

const alphas = [0.01, 0.05] as const
/** Records of a pseudo-batch for detectors that give e-values. */
const batchRecords = 50

/**
 * How often a detector alarms on the untouched validation split, counted three ways as it measures:
 *  - scores: each record is a trial, an alarm is a conformal p-value ≤ alpha;
 *  - statistics: a batch at the detector's smallest size, of one label where it tests by label; an alarm is p ≤ alpha;
 *  - e-values: a batch of 50 records with an empty memory; an alarm is an e-value ≥ 1/alpha of the batch, the average
 *    over its subjects (increments) or the sum of its subjects' shares (levels).
 * Batches are cut from one shuffle and share no record, so that trials are independent and the interval is exact.
 */
export function validate(
  detector: Detector,
  fitted: unknown,
  calibration: Calibration,
  validation: Encoded,
  seed: number,
): Realised[] {
  if (validation.label.length === 0) return []
  const order = permutation(validation.label.length, random(seed))
  const measure = (batch: Encoded) => detector.measure(batch, fitted, detector.memory.empty()).measurements
  const whole = measure(validation)
  return [
    ...recordTrials(calibration, validation, whole),
    ...statisticTrials(detector, calibration, validation, order, measure),
    ...evidenceTrials(whole, validation, order, measure),
  ]
}

function realisedOf(unit: Realised['unit'], records: number, pValues: readonly number[]): Realised[] {
  return alphas.map((alpha) => {
    const alarms = pValues.filter((p) => p <= alpha).length
    const { lower, upper } = clopperPearson(alarms, pValues.length)
    return { alpha, unit, records, alarms, trials: pValues.length, lower, upper }
  })
}

function recordTrials(calibration: Calibration, validation: Encoded, whole: readonly Measurement[]): Realised[] {
  const scored = whole.find((measurement) => measurement.kind === 'scores')
  if (scored === undefined) return []
  const p = conformalPValues(calibration, validation, scored.scores)
  return realisedOf(
    'records',
    1,
    [...p].filter((value) => !Number.isNaN(value)),
  )
}

function statisticTrials(
  { resample }: Detector,
  calibration: Calibration,
  validation: Encoded,
  order: Int32Array,
  measure: (batch: Encoded) => readonly Measurement[],
): Realised[] {
  const size = resample?.sizes[0]
  if (resample === null || size === undefined) return []
  const subjects = resample.by === 'stream' ? [null] : validation.labels.map((_, label) => label)
  const pValues: number[] = []
  for (const label of subjects) {
    const rows = label === null ? order : order.filter((row) => validation.label[row] === label)
    for (const batch of chunks(rows, size)) {
      for (const measurement of measure(drawn(validation, batch))) {
        if (measurement.kind !== 'statistic' || measurement.records !== size) continue
        const p = statisticPValue(calibration, measurement)
        if (p !== null) pValues.push(p)
      }
    }
  }
  return realisedOf('batches', size, pValues)
}

function evidenceTrials(
  whole: readonly Measurement[],
  validation: Encoded,
  order: Int32Array,
  measure: (batch: Encoded) => readonly Measurement[],
): Realised[] {
  if (whole.some(({ kind }) => kind === 'scores' || kind === 'statistic')) return []
  const pValues: number[] = []
  for (const batch of chunks(order, batchRecords)) {
    const measurements = measure(drawn(validation, batch))
    // nothing but 'not enough data' is no test; no measurement at all says that nothing speaks against the batch
    if (measurements.length > 0 && measurements.every(({ kind }) => kind === 'insufficient')) continue
    pValues.push(Math.min(1, Math.exp(-logEOf(measurements))))
  }
  return realisedOf('batches', batchRecords, pValues)
}

/** Log e-value of a batch: its increments averaged over bets and subjects; its levels, which carry shares, summed. */
function logEOf(measurements: readonly Measurement[]): number {
  const increments = measurements.flatMap((each) => (each.kind === 'increment' ? [logMeanExp(each.logE)] : []))
  const levels = measurements.flatMap((each) => (each.kind === 'level' ? [each.logE] : []))
  const parts = [
    ...(increments.length > 0 ? [logMeanExp(increments)] : []),
    ...(levels.length > 0 ? [logSumExp(levels)] : []),
  ]
  return parts.length === 0 ? 0 : logMeanExp(parts)
}

/** Full chunks of `size` rows; what is left over is in none. */
function chunks(rows: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.floor(rows.length / size) }, (_, i) => rows.subarray(i * size, (i + 1) * size))
}
