import { sizeOf, type Records } from '../core/batch.ts'
import { TasterError } from '../core/errors.ts'
import type { Baseline, Encoding, FittedDetector } from './baseline.ts'
import { chosenDetectors, chosenEncoder, type Wanted } from './chosen.ts'
import { digestOf, manifestText } from './digest.ts'
import { labelIndices } from './encode.ts'
import { fitDetectors } from './fit-detectors.ts'
import { encodeSplits, fitEncoding } from './fit-encoding.ts'
import type { Manifest } from './manifest.ts'
import { partBytes } from './parts.ts'
import { splitTrusted, type Split } from './split.ts'
import { constantDimensions, duplicatesIn, rateWarnings, trustedWarnings } from './warnings.ts'

/** With fewer nothing can be calibrated: a tenth of a tail of 5 % is left for validation. */
const fewestRecords = 100

export interface FitStep {
  readonly text: string // for people: what is being done now
  readonly done: number
  readonly total: number
}

export interface FitInput extends Wanted {
  readonly seed: number
  readonly engineVersion: string
  readonly onProgress?: (step: FitStep) => void
}

/**
 * Fits and calibrates on trusted records, and measures on a part that neither saw how often it alarms. The same input
 * gives the same baseline, digest included, on machines with the same tensor backend.
 * Throws TRUSTED_TOO_SMALL, CONFIG_INVALID for an encoder or detector that does not exist or read this content, and
 * what the encoder throws. A detector that cannot be fitted or calibrated is switched off, and `manifest.off` says why.
 */
export async function fitBaseline(input: FitInput): Promise<Baseline> {
  const { records, seed } = input
  const rows = sizeOf(records)
  if (rows < fewestRecords) {
    throw new TasterError(
      'TRUSTED_TOO_SMALL',
      `${rows} trusted records are too few to fit a baseline: give at least ${fewestRecords}, better 2,000 of each label`,
    )
  }
  const detectors = await chosenDetectors(input)
  const encoder = await chosenEncoder(input)
  const total = detectors.size + 2
  const progress = (text: string, done: number) => input.onProgress?.({ text, done, total })

  progress(`splitting ${rows} trusted records and fitting the encoder`, 0)
  const split = splitTrusted(records, seed)
  if (split.calibration.length === 0 || split.validation.length === 0) {
    throw new TasterError(
      'TRUSTED_TOO_SMALL',
      `The ${rows} trusted records have ${new Set(split.group).size} different contents, too few to split: copies stay together. Give records that differ`,
    )
  }
  const labels = [...new Set(records.label.codes)].flatMap((code) => records.label.values[code] ?? []).toSorted()
  const { encoding, self } = await fitEncoding(records, split, labels, encoder, seed)
  progress('encoding trusted records', 1)
  const parts = await encodeSplits(records, split, { encoding, self })
  const fitted = fitDetectors(detectors, parts, seed, (name, i) => progress(`calibrating ${name}`, i + 2))
  progress('done', total)

  const { reference } = encoding
  const sources = [...new Set(records.source.codes)].flatMap((code) => records.source.values[code] ?? []).toSorted()
  const manifest: Manifest = {
    format: 'taster-baseline/1',
    engine: input.engineVersion,
    seed,
    content: records.content.kind,
    encoder: { ...encoder.named, dims: reference.vectors.cols, assets: encoder.digest },
    ...shapeOf(records),
    labels,
    rows: rowsByLabel(records, split, labels),
    neighbours: reference.vectors.rows,
    duplicates: duplicatesIn(split),
    sources,
    detectors: fitted.on.map(({ name, params, calibrated, realised }) => ({
      name,
      params,
      calibration: calibrated,
      realised,
    })),
    off: fitted.off,
    warnings: [
      ...trustedWarnings(records, split),
      ...constantDimensions(records.content.kind, parts.reference.vectors),
      ...fitted.warnings,
      ...rateWarnings(fitted.on),
    ],
    parts: partsOf(encoding, fitted.on),
  }
  return {
    digest: digestOf(manifestText(manifest)),
    manifest,
    encoding,
    sources,
    detectors: fitted.on.map(({ name, detector, fitted: state, calibration }) => ({
      name,
      detector,
      fitted: state,
      calibration,
    })),
  }
}

/** What records must look like to be judged by this baseline. */
function shapeOf({ content }: Records): Pick<Manifest, 'columns' | 'vectorLength'> {
  if (content.kind === 'vector') return { vectorLength: content.vectors.cols }
  if (content.kind !== 'row') return {}
  const names = (numeric: boolean) =>
    [...content.columns].flatMap(([name, values]) => (values instanceof Float64Array === numeric ? [name] : []))
  return { columns: { numeric: names(true), category: names(false) } }
}

function rowsByLabel(records: Records, split: Split, labels: readonly string[]): Manifest['rows'] {
  const label = labelIndices(records.label, labels)
  const count = (rows: Int32Array, of: number) => rows.reduce((sum, row) => sum + (label[row] === of ? 1 : 0), 0)
  const indices = [...labels.keys(), ...(label.includes(-1) ? [-1] : [])]
  return indices.map((of) => ({
    label: labels[of] ?? null,
    reference: count(split.reference, of),
    calibration: count(split.calibration, of),
    validation: count(split.validation, of),
  }))
}

/** Every part of the artifact, with its digest. */
function partsOf(encoding: Encoding, detectors: readonly FittedDetector[]): Manifest['parts'] {
  return [...partBytes(encoding, detectors)].map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    digest: digestOf(bytes),
  }))
}
