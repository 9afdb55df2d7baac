import { sizeOf } from '../core/batch.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement } from '../core/measurement.ts'
import { clopperPearsonUpper } from '../stats/clopper-pearson-upper.ts'
import { conformalPValue } from '../stats/conformal-p-value.ts'
import { countAbove } from '../stats/count-above.ts'
import { quantile } from '../stats/quantile.ts'
import type { Calibration } from './baseline.ts'

/** Confidence that a tail's true exceedance rate is below its bound is 1 - this. */
const doubt = 0.05

const none = new Float64Array()

/** Calibration scores that a row is compared with: those of its label, or all where the trusted data has no labels. */
function calibrationOf(calibration: Calibration, encoded: Encoded, row: number): Float64Array {
  const label = encoded.labels.length === 0 ? 0 : (encoded.label[row] ?? -1)
  return calibration.scores[label] ?? none
}

/**
 * Conformal p-values of record scores, by label (Mondrian; Vovk, Gammerman & Shafer 2005, section 4.5):
 * (1 + number of calibration scores ≥ score) / (calibration scores + 1).
 * NaN where the score is NaN, the label unknown, or its calibration empty.
 */
export function conformalPValues(calibration: Calibration, encoded: Encoded, scores: Float64Array): Float64Array {
  const p = new Float64Array(sizeOf(encoded.records)).fill(NaN)
  for (let row = 0; row < p.length; row++) {
    const score = scores[row] ?? NaN
    const sorted = calibrationOf(calibration, encoded, row)
    if (!Number.isNaN(score) && sorted.length > 0) p[row] = conformalPValue(sorted, score)
  }
  return p
}

/** A statistic's p-value from its null at exactly its size; null where there is none. */
export function statisticPValue(
  calibration: Calibration,
  measurement: Measurement & { kind: 'statistic' },
): number | null {
  const { subject } = measurement
  const nulls = calibration.nulls.get(subject.kind === 'label' ? subject.name : '')
  const sorted = nulls?.get(measurement.records)
  return sorted === undefined || sorted.length === 0 ? null : conformalPValue(sorted, measurement.value)
}

export interface TailBound {
  readonly threshold: number // a score above it is in the tail
  readonly bound: number // upper confidence bound of a clean record's probability to be there
}

/**
 * The upper tail of a label's calibration scores beyond their 1 - `tail` quantile, with the Clopper-Pearson upper bound
 * (95 %) of the probability that a clean record falls there. With no calibration scores nothing is in the tail.
 */
export function tailBounds(calibration: Calibration, label: number, tail: number): TailBound {
  const sorted = calibration.scores[label] ?? none
  if (sorted.length === 0) return { threshold: Infinity, bound: 1 }
  const threshold = quantile(sorted, 1 - tail)
  return { threshold, bound: clopperPearsonUpper(countAbove(sorted, threshold), sorted.length, doubt) }
}
