import type { Encoded } from '../../../src/core/encoded.ts'
import type { Records } from '../../../src/core/batch.ts'
import { labelIndices } from '../../../src/baseline/encode.ts'

/** Vectors as detectors see them, with neither features nor neighbours. */
export function encodedVectors(records: Records, labels: readonly string[]): Encoded {
  if (records.content.kind !== 'vector') throw new Error('records of vectors are needed')
  const { vectors } = records.content
  return {
    records,
    vectors,
    features: { offsets: new Int32Array(vectors.rows + 1), ids: new Uint32Array() },
    nameOf: () => '',
    labels,
    label: labelIndices(records.label, labels),
    probabilities: { rows: vectors.rows, cols: labels.length, data: new Float64Array(vectors.rows * labels.length) },
    nearest: new Int32Array(),
  }
}
