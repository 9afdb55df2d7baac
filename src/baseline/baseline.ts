import type { Detector } from '../core/detector.ts'
import type { Assets, Encoder } from '../core/encoder.ts'
import type { Matrix } from '../core/matrix.ts'
import type { Manifest } from './manifest.ts'

/** What turns a detector's numbers into p-values; empty where its measurements need none. */
export interface Calibration {
  /** By index of the trusted label: scores of calibration records, ascending. Empty: too few, the label is not tested. One entry under index 0 where there are no labels. */
  readonly scores: readonly Float64Array[]
  /** Bootstrap nulls, ascending, by label ('' for the whole stream) and size. */
  readonly nulls: ReadonlyMap<string, ReadonlyMap<number, Float64Array>>
}

export interface FittedDetector {
  readonly name: string
  readonly detector: Detector
  readonly fitted: unknown
  readonly calibration: Calibration
}

/** The records of the reference split that neighbours are looked up among: one of each content. */
export interface Reference {
  readonly vectors: Matrix
  readonly label: Int32Array // index in labels, -1 = none
  readonly row: Int32Array // in the reference split, as detectors are fitted to it: what `Encoded.nearest` names
}

/** How records become what detectors see. */
export interface Encoding {
  readonly encoder: Encoder
  readonly fitted: unknown
  readonly assets: Assets
  readonly labels: readonly string[]
  readonly reference: Reference
}

/** Frozen, content-addressed result of fit + calibrate on trusted data. Nothing that arrives on a stream changes it. */
export interface Baseline {
  readonly digest: string // sha256 of the manifest, which holds the sha256 of every part
  readonly manifest: Manifest
  readonly encoding: Encoding
  readonly sources: readonly string[] // of the trusted data
  readonly detectors: readonly FittedDetector[]
}
