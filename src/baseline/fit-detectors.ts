import type { Detector } from '../core/detector.ts'
import { selectEncoded, type Encoded } from '../core/encoded.ts'
import { TasterError } from '../core/errors.ts'
import type { Calibration, FittedDetector } from './baseline.ts'
import { calibrate } from './calibrate.ts'
import type { ChosenDetector } from './chosen.ts'
import type { EncodedSplits } from './fit-encoding.ts'
import { listed } from './listed.ts'
import type { Calibrated, Realised } from './manifest.ts'
import { seedFor } from './seed.ts'
import { quantile } from '../stats/quantile.ts'
import { validate } from './validate.ts'

export interface CalibratedDetector extends FittedDetector {
  readonly params: unknown
  readonly calibrated: Calibrated[]
  readonly realised: Realised[]
}

export interface FittedDetectors {
  readonly on: readonly CalibratedDetector[]
  readonly off: { name: string; reason: string }[]
  readonly warnings: readonly string[]
}

/** Fits, calibrates and validates each detector; one that the trusted data cannot feed is off, with the reason. */
export function fitDetectors(
  detectors: ReadonlyMap<string, ChosenDetector>,
  splits: EncodedSplits,
  seed: number,
  onDetector: (name: string, index: number) => void,
): FittedDetectors {
  const on: CalibratedDetector[] = []
  const off: { name: string; reason: string }[] = []
  const warnings: string[] = []
  let index = 0
  for (const [name, chosen] of detectors) {
    onDetector(name, index++)
    try {
      const fitted = fitDetector(name, chosen, splits, seedFor(seed, name))
      on.push(fitted.detector)
      warnings.push(...fitted.warnings.map((warning) => `${name}: ${warning}`))
    } catch (error) {
      if (!(error instanceof TasterError) || error.name !== 'CalibrationError') throw error
      off.push({ name, reason: error.message })
    }
  }
  return { on, off, warnings }
}

function fitDetector(name: string, { detector, params }: ChosenDetector, splits: EncodedSplits, seed: number) {
  const few = unmetNeeds(detector, splits.reference)
  const fitted = detector.fit(withAnchors(detector.anchors?.(params) ?? [], splits), params, seed)
  const { calibration, warnings } = calibrate(detector, params, fitted, splits, seed)
  const { labels } = splits.reference
  const calibrated = calibratedOf(calibration, labels)
  const realised = validate(detector, fitted, calibration, splits.validation, seed)
  return {
    detector: { name, detector, fitted, calibration, params, calibrated, realised },
    warnings: [...few, ...warnings],
  }
}

/** The reference split, and the records with these ids of the other splits. Throws where no trusted record has an id. */
function withAnchors(ids: readonly string[], { reference, whole, rows }: EncodedSplits): Encoded {
  if (ids.length === 0) return reference
  const wanted = new Set(ids)
  const known = new Set(whole.records.id)
  const missing = ids.filter((id) => !known.has(id)).map((id) => JSON.stringify(id))
  if (missing.length > 0) {
    throw new TasterError('CALIBRATION_INSUFFICIENT', `no trusted record has the id ${listed(missing)}`)
  }
  const added = [...rows.calibration, ...rows.validation].filter((row) => wanted.has(whole.records.id[row] ?? ''))
  return added.length === 0 ? reference : selectEncoded(whole, [...rows.reference, ...added])
}

/** Labels with fewer reference records than the detector asks for. Throws where it cannot work at all. */
function unmetNeeds({ needs }: Detector, reference: Encoded): string[] {
  const off = (why: string) => new TasterError('CALIBRATION_INSUFFICIENT', why)
  const { kind } = reference.records.content
  if (!needs.content.includes(kind)) throw off(`it reads ${needs.content.join(', ')}, and the records hold ${kind}`)
  if (needs.labels && reference.labels.length === 0) throw off('it needs labels, and no trusted record has one')
  if (reference.labels.length === 0) {
    if (reference.label.length < needs.trustedPerLabel) {
      throw off(`it needs ${needs.trustedPerLabel} reference records, and there are ${reference.label.length}`)
    }
    return []
  }
  const counts = new Int32Array(reference.labels.length)
  for (const label of reference.label) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1
  const few = reference.labels.flatMap((label, i) =>
    (counts[i] ?? 0) < needs.trustedPerLabel ? [`${JSON.stringify(label)} (${counts[i]})`] : [],
  )
  const asked = `${needs.trustedPerLabel} reference records of a label`
  if (few.length === counts.length) throw off(`it needs ${asked}, and there are fewer of each: ${listed(few)}`)
  return few.length === 0 ? [] : [`it asks for ${asked}, and there are fewer of ${listed(few)}`]
}

function calibratedOf({ scores, nulls }: Calibration, labels: readonly string[]): Calibrated[] {
  const summary = (label: string | null, size: number | null, sorted: Float64Array): Calibrated => ({
    label,
    size,
    values: sorted.length,
    q95: sorted.length === 0 ? null : quantile(sorted, 0.95),
    q99: sorted.length === 0 ? null : quantile(sorted, 0.99),
  })
  const named = (label: string) => (labels.includes(label) ? label : null)
  return [
    ...scores.map((sorted, label) => summary(labels[label] ?? null, null, sorted)),
    ...[...nulls].flatMap(([label, bySize]) =>
      [...bySize].map(([size, sorted]) => summary(named(label), size, sorted)),
    ),
  ]
}
