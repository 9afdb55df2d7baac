import type { z } from 'zod'
import type { ContentKind } from './batch.ts'
import type { Encoded } from './encoded.ts'
import type { Explanation, Measurement, Subject } from './measurement.ts'

/** What of the false-alarm budget a detector draws on; the engine shares the budget out among families. */
export type Family = 'label' | 'trigger' | 'drift' | 'labeler' | 'integrity'

export interface Codec<T> {
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): T // throws on anything encode did not make
}

export interface Measured<Memory> {
  readonly measurements: readonly Measurement[]
  readonly memory: Memory
}

/**
 * A detector is a value, the default export of a file of its own in detectors/; the file's name is the detector's name.
 * Fitted: frozen, from trusted data. Memory: what it counts along the stream.
 * Everything here is pure (no IO, no clock, no randomness but a passed seed), with one licence: `measure` and `merge`
 * consume the memory they are given and may reuse its storage, so only the memory that they return may be used after.
 */
export interface Detector<Params = unknown, Fitted = unknown, Memory = unknown> {
  readonly about: {
    readonly title: string
    readonly family: Family
    readonly catches: string
    readonly misses: string // every method has a blind spot; users are told
    readonly references: readonly [string, ...string[]]
  }
  readonly needs: {
    readonly content: readonly ContentKind[]
    readonly labels: boolean
    readonly trustedPerLabel: number // reference records
  }
  /**
   * For detectors that give `statistic`s: which calibration records a null is drawn from (those of the subject's label,
   * or all), and the only sizes at which the detector takes its statistic, ascending. Others: null.
   */
  readonly resample: { readonly by: 'label' | 'stream'; readonly sizes: readonly number[] } | null
  readonly params: z.ZodType<Params> // every field with default, unit, description
  /**
   * Ids of trusted records that `fit` is given with the reference, whatever part the split put them in. A detector with
   * this member that names none by default only works where a pipeline asks for it.
   */
  anchors?(this: void, params: Params): readonly string[]
  /** Throws CalibrationError where the reference cannot feed it: it is then switched off, loudly. */
  fit(reference: Encoded, params: Params, seed: number): Fitted
  readonly codec: Codec<Fitted>
  readonly memory: { empty(): Memory; merge(a: Memory, b: Memory): Memory; readonly codec: Codec<Memory> }
  measure(batch: Encoded, fitted: Fitted, memory: Memory): Measured<Memory>
  explain(subject: Subject, batch: Encoded, fitted: Fitted, memory: Memory): Explanation
  /** What the detector claims to reach on data and attacks of datasets/: the contract suite and the bench measure it again. */
  readonly proof: readonly {
    readonly dataset: string
    readonly attack: string
    readonly rate: number
    readonly metric: 'auroc' | 'tpr@1%'
    readonly atLeast: number
  }[]
}
