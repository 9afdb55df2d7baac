import type { z } from 'zod'
import type { Content, ContentKind, Records } from './batch.ts'
import type { Codec } from './detector.ts'
import type { Features } from './encoded.ts'
import type { Matrix } from './matrix.ts'

/** Files an encoder needs beside its code, by name, read and verified by whoever calls it. */
export type Assets = ReadonlyMap<string, Uint8Array>

/** An encoder is a value, the default export of a file of its own in src/encoders/; the file's name is its name. Pure. */
export interface Encoder<Params = unknown, Fitted = unknown> {
  readonly about: { readonly title: string; readonly references: readonly string[] }
  readonly content: ContentKind
  /** Folder below assets/ whose files `fit`, `encode` and `features` are given; null: none. */
  readonly asset: string | null
  readonly params: z.ZodType<Params> // every field with default, unit, description
  /** Learns scales, projections and the like from the reference split. Throws CalibrationError where it cannot. */
  fit(reference: Records, params: Params, seed: number, assets: Assets): Promise<Fitted>
  readonly codec: Codec<Fitted>
  /** Rows × dims, finite. Throws DecodeError where content does not have the shape that was fitted. */
  encode(content: Content, fitted: Fitted, assets: Assets): Promise<Matrix>
  /** Distinct feature ids of each record (never empty ids twice in a row's list); none where it names no features. */
  features(content: Content, fitted: Fitted): Features
  /** The name of a feature of a row for people: `word "cf"`. Undefined where the row does not have the feature. */
  nameOf(content: Content, row: number, feature: number, fitted: Fitted): string | undefined
}
