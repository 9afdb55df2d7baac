import { sizeOf, type Records } from '../core/batch.ts'
import type { Column } from '../core/column.ts'
import type { Encoded } from '../core/encoded.ts'
import { TasterError } from '../core/errors.ts'
import type { Matrix } from '../core/matrix.ts'
import { createNeighbours, type Found, type Neighbours } from '../tensor/neighbours.ts'
import type { Encoding, Reference } from './baseline.ts'

/** Neighbours that vote on a record's label, each with its cosine to this power: near ones count for more. */
const votes = 20
const sharpness = 8
/** Weight that every label has without a single neighbour. */
const smoothing = 0.01

export interface EncodeOptions {
  /** For each record the reference row that it must not meet (itself, or its copy); -1: none. */
  readonly exclude?: Int32Array
}

export interface OpenEncoding {
  /** Throws DecodeError where content does not have the shape that the encoder was fitted to. */
  encode(records: Records, options?: EncodeOptions): Promise<Encoded>
  close(): void
}

/** Puts the reference on the device once, for every batch to come. */
export async function openEncoding(encoding: Encoding): Promise<OpenEncoding> {
  const neighbours = await createNeighbours(encoding.reference.vectors, votes)
  return {
    encode: (records, options) => encodeRecords(encoding, neighbours, records, options),
    close: () => neighbours.dispose(),
  }
}

/** What detectors see of records, in the light of a frozen reference whose neighbours are searched in `neighbours`. */
async function encodeRecords(
  encoding: Encoding,
  neighbours: Neighbours,
  records: Records,
  { exclude }: EncodeOptions = {},
): Promise<Encoded> {
  const { encoder, fitted, assets, labels, reference } = encoding
  const { content } = records
  if (content.kind !== encoder.content) {
    throw new TasterError(
      'VALUE_WRONG_SHAPE',
      `The records hold ${content.kind} where the baseline's encoder reads ${encoder.content}: name other fields, or fit a baseline for ${content.kind}`,
    )
  }
  const vectors = await encoder.encode(content, fitted, assets)
  const found = await neighbours.search(vectors, exclude)
  return {
    records,
    vectors,
    features: encoder.features(content, fitted),
    nameOf: (row, feature) => encoder.nameOf(content, row, feature, fitted) ?? `feature ${feature}`,
    labels,
    label: labelIndices(records.label, labels),
    probabilities: labelProbabilities(found, sizeOf(records), reference, labels.length),
    nearest: found.indices.map((index) => reference.row[index] ?? -1),
  }
}

/** Codes of a column as indices in `labels`: -1 where a row has none, or one that is not among them. */
export function labelIndices(column: Column, labels: readonly string[]): Int32Array {
  const index = new Map(labels.map((label, i) => [label, i]))
  const of = column.values.map((value) => index.get(value) ?? -1)
  return column.codes.map((code) => of[code] ?? -1)
}

/**
 * Label probabilities by cosine-weighted votes of the nearest reference records (weighted k-nearest neighbours,
 * Dudani 1976): (Σ wᵢ·1[yᵢ = c] + .01) / (Σ wᵢ + .01·K), wᵢ = max(cosᵢ, 0)⁸. rows × K.
 */
function labelProbabilities(found: Found, rows: number, reference: Reference, labels: number): Matrix<Float64Array> {
  const data = new Float64Array(rows * labels)
  if (labels === 0) return { rows, cols: 0, data }
  for (let row = 0; row < rows; row++) {
    const at = row * labels
    let total = smoothing * labels
    for (let c = 0; c < labels; c++) data[at + c] = smoothing
    for (let i = row * votes; i < (row + 1) * votes; i++) {
      const neighbour = found.indices[i] ?? -1
      const label = neighbour < 0 ? -1 : (reference.label[neighbour] ?? -1)
      if (label < 0) continue
      const weight = Math.max(found.similarities[i] ?? 0, 0) ** sharpness
      data[at + label] = (data[at + label] ?? 0) + weight
      total += weight
    }
    for (let c = 0; c < labels; c++) data[at + c] = (data[at + c] ?? 0) / total
  }
  return { rows, cols: labels, data }
}
