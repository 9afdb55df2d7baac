import type { Encoded } from '../../src/core/encoded.ts'
import { auroc } from '../../src/stats/auroc.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { ridgeRegression } from '../../src/stats/ridge-regression.ts'

/**
 * How content speaks for labels: by a linear function of its vector for each, or by its nearest trusted records. Short texts of
 * a few hundred words in all have few near neighbours, and a direction in the space of word vectors says more.
 */
export interface Content {
  readonly dims: number // of the vectors; 0: the nearest trusted records judge
  readonly coefficients: Float64Array // labels × dims
  readonly intercepts: Float64Array // labels
}

export const byNeighbours: Content = {
  dims: 0,
  coefficients: new Float64Array(0),
  intercepts: new Float64Array(0),
}

const penalty = 0.1
const mostRows = 20_000 // that the linear functions are learnt from
const mostLabels = 64 // that there are linear functions for

/** How strange a record's label is for its content, larger = stranger: −ln P(label | content), or a margin below others. */
export function scoreOf(encoded: Encoded, row: number, content: Content): number {
  const label = encoded.label[row] ?? -1
  const { dims, coefficients, intercepts } = content
  if (dims === 0 || dims !== encoded.vectors.cols) {
    return -Math.log(encoded.probabilities.data[row * encoded.probabilities.cols + label] ?? 1)
  }
  const { data } = encoded.vectors
  let own = NaN
  let other = -Infinity
  for (let of = 0; of < intercepts.length; of++) {
    let value = intercepts[of] ?? 0
    for (let j = 0; j < dims; j++) value += (coefficients[of * dims + j] ?? 0) * (data[row * dims + j] ?? 0)
    if (of === label) own = value
    else if (value > other) other = value
  }
  return other - own
}

export interface Learnt {
  readonly content: Content
  readonly scores: Float64Array // `scoreOf` of the reference's records, each by all the others; NaN without a label
}

/**
 * Learns from the reference which of the two tells labels apart better, by the mean over labels of the area under the ROC curve
 * of leave-one-out scores.
 */
export function learnContent(reference: Encoded, seed: number): Learnt {
  const rows = Array.from(reference.label.keys()).filter((row) => (reference.label[row] ?? -1) >= 0)
  const neighbours = (row: number, label: number) =>
    -Math.log(reference.probabilities.data[row * reference.probabilities.cols + label] ?? 1)
  const all = (score: (row: number, label: number) => number) =>
    Float64Array.from(reference.label, (label, row) => (label < 0 ? NaN : score(row, label)))
  const nearest = { content: byNeighbours, scores: all(neighbours) }
  const labels = reference.labels.length
  if (labels > mostLabels || reference.vectors.cols === 0) return nearest
  const { content, leftOut } = linear(reference, rows, seed)
  const margin = (row: number, label: number) => {
    let other = -Infinity
    for (let of = 0; of < labels; of++) if (of !== label) other = Math.max(other, leftOut[row * labels + of] ?? 0)
    return other - (leftOut[row * labels + label] ?? 0)
  }
  if (discrimination(reference, rows, margin) <= discrimination(reference, rows, neighbours)) return nearest
  return { content, scores: all(margin) }
}

// Every label weighs alike, whatever its share; of very many records a random part is learnt from.
function linear(reference: Encoded, rows: readonly number[], seed: number) {
  const size = reference.label.length
  const cols = reference.labels.length
  const chosen = permutation(rows.length, random(seed)).subarray(0, mostRows)
  const counts = new Float64Array(cols)
  for (const i of chosen) {
    const label = reference.label[rows[i] ?? 0] ?? 0
    counts[label] = (counts[label] ?? 0) + 1
  }
  const weights = new Float64Array(size)
  const data = new Float64Array(size * cols)
  for (const i of chosen) {
    const row = rows[i] ?? 0
    const label = reference.label[row] ?? 0
    weights[row] = 1 / (counts[label] ?? 1)
    data[row * cols + label] = 1
  }
  const { coefficients, intercepts, leftOut } = ridgeRegression(
    reference.vectors,
    { rows: size, cols, data },
    weights,
    penalty,
  )
  return { content: { dims: reference.vectors.cols, coefficients, intercepts }, leftOut }
}

function discrimination(
  { label, labels }: Encoded,
  rows: readonly number[],
  score: (row: number, label: number) => number,
): number {
  let sum = 0
  for (let of = 0; of < labels.length; of++) {
    const has = rows.map((row) => label[row] === of)
    if (!has.includes(true) || !has.includes(false)) continue
    sum += auroc(
      rows.map((row) => -score(row, of)),
      has,
    )
  }
  return sum
}
