import { sizeOf, select, type Records } from './batch.ts'
import { rowOf, selectRows, type Matrix } from './matrix.ts'

/**
 * The distinct discrete features of each record that a trigger could hide in (words, phrases, patches at a place,
 * column bins), as 32-bit ids: those of row i are ids[offsets[i] … offsets[i + 1]).
 */
export interface Features {
  readonly offsets: Int32Array // rows + 1
  readonly ids: Uint32Array
}

/**
 * What detectors see of records: everything here is derived from the records, the encoder and the trusted reference.
 * `labels` are the labels of the trusted data, in the baseline's order.
 */
export interface Encoded {
  readonly records: Records
  readonly vectors: Matrix // rows × dims
  readonly features: Features
  /** The name of a feature that `row` has, for people: `word "cf"`. */
  readonly nameOf: (row: number, feature: number) => string
  readonly labels: readonly string[]
  readonly label: Int32Array // given label as an index in `labels`; -1 where missing or not among them
  /**
   * P(label | content) by weighted k-nearest neighbours among the trusted reference, never a row itself:
   * rows × labels, rows sum to 1. No columns where the trusted data has no labels.
   */
  readonly probabilities: Matrix<Float64Array>
  readonly nearest: Int32Array // rows × k indices of trusted reference records, nearest first; -1 where there are fewer
}

export function featuresOf(features: Features, row: number): Uint32Array {
  return features.ids.subarray(features.offsets[row] ?? 0, features.offsets[row + 1] ?? 0)
}

export function selectFeatures(features: Features, rows: ArrayLike<number>): Features {
  const offsets = new Int32Array(rows.length + 1)
  for (let i = 0; i < rows.length; i++) offsets[i + 1] = (offsets[i] ?? 0) + featuresOf(features, rows[i] ?? 0).length
  const ids = new Uint32Array(offsets[rows.length] ?? 0)
  for (let i = 0; i < rows.length; i++) ids.set(featuresOf(features, rows[i] ?? 0), offsets[i] ?? 0)
  return { offsets, ids }
}

/** The label that content alone suggests: the most probable, of equally probable ones the first; -1 without labels. */
export function suggestedLabel({ probabilities }: Pick<Encoded, 'probabilities'>, row: number): number {
  const { cols, data } = probabilities
  let best = -1
  let most = -Infinity
  for (let label = 0; label < cols; label++) {
    const p = data[row * cols + label] ?? 0
    if (p > most) [best, most] = [label, p]
  }
  return best
}

/** The named rows of encoded records, in the order named: what would have been encoded had only they arrived. */
export function selectEncoded(encoded: Encoded, rows: ArrayLike<number>): Encoded {
  const k = sizeOf(encoded.records) === 0 ? 0 : encoded.nearest.length / sizeOf(encoded.records)
  const { cols } = encoded.probabilities
  const probabilities = new Float64Array(rows.length * cols)
  const nearest = new Int32Array(rows.length * k)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0
    probabilities.set(rowOf(encoded.probabilities, row), i * cols)
    nearest.set(encoded.nearest.subarray(row * k, (row + 1) * k), i * k)
  }
  return {
    records: select(encoded.records, rows),
    vectors: selectRows(encoded.vectors, rows),
    features: selectFeatures(encoded.features, rows),
    nameOf: (row, feature) => encoded.nameOf(rows[row] ?? 0, feature),
    labels: encoded.labels,
    label: Int32Array.from(rows, (row) => encoded.label[row] ?? -1),
    probabilities: { rows: rows.length, cols, data: probabilities },
    nearest,
  }
}
