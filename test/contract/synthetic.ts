import type { Records } from '../../src/core/batch.ts'
import { column } from '../../src/core/column.ts'
import type { Detector } from '../../src/core/detector.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { mix32 } from '../../src/core/hash.ts'
import { normal, random } from '../../src/stats/random.ts'

/** Encoded records without an encoder: for contracts, which hold whatever the records are. */
export interface Wanted {
  readonly rows: number
  readonly seed: number
  readonly sources?: number // 0: no record names one
  readonly constant?: boolean // all records are equal but for their ids
  readonly unlabelled?: boolean
  readonly novel?: number // share of records whose label is not among the trusted ones, each another
  readonly flips?: number // share of records that are given another label than their content has
  readonly content?: 'vector' | 'image' // what records hold, where a detector cannot read vectors
  readonly copies?: number // share of records that repeat the one before them
}

export const labels = ['ham', 'news', 'spam'] as const
export const referenceRows = 1500
const dims = 8
const featuresEach = 20
const neighbours = 10

/** Clusters of vectors by label, about as many wrong neighbours as real data has, features of which a few are common. */
export function synthetic(wanted: Wanted): Encoded {
  const {
    rows,
    seed,
    sources = 10,
    constant,
    unlabelled,
    novel = 0,
    flips = 0,
    copies = 0.02,
    content: kind = 'vector',
  } = wanted
  const uniform = random(seed)
  const vectors = new Float32Array(rows * dims)
  const probabilities = new Float64Array(rows * labels.length)
  const ids = new Uint32Array(rows * featuresEach)
  const nearest = new Int32Array(rows * neighbours)
  const given: (string | null)[] = []
  let content = 0
  for (let row = 0; row < rows; row++) {
    if (row > 0 && (constant || uniform() < copies)) {
      vectors.copyWithin(row * dims, (row - 1) * dims, row * dims)
      probabilities.copyWithin(row * labels.length, (row - 1) * labels.length, row * labels.length)
      ids.copyWithin(row * featuresEach, (row - 1) * featuresEach, row * featuresEach)
      nearest.copyWithin(row * neighbours, (row - 1) * neighbours, row * neighbours)
    } else {
      content = Math.floor(uniform() * labels.length)
      for (let j = 0; j < dims; j++) vectors[row * dims + j] = (j === content ? 3 : 0) + normal(uniform)
      const says = uniform() < 0.94 ? content : Math.floor(uniform() * labels.length)
      const sure = 0.6 + 0.39 * uniform()
      for (let label = 0; label < labels.length; label++) {
        probabilities[row * labels.length + label] = label === says ? sure : (1 - sure) / (labels.length - 1)
      }
      for (let i = 0; i < featuresEach; i++) {
        ids[row * featuresEach + i] =
          i < 3
            ? mix32(i, content)
            : i < 6
              ? mix32(i, Math.floor(uniform() * 30))
              : mix32(i, Math.floor(uniform() * 2 ** 32))
      }
      for (let i = 0; i < neighbours; i++) nearest[row * neighbours + i] = Math.floor(uniform() * referenceRows)
    }
    const flipped = uniform() < flips ? (content + 1) % labels.length : content
    given.push(unlabelled ? null : uniform() < novel ? `new ${seed} ${row}` : (labels[flipped] ?? null))
  }
  const label = column(given)
  const codes = label.values.map((value) => labels.findIndex((known) => known === value))
  const senders = given.map(() => (sources === 0 ? null : Math.floor(uniform() * sources)))
  // every other source writes in a style of its own
  if (!constant)
    senders.forEach((sender, row) => {
      const at = row * dims + dims - 1
      vectors[at] = (vectors[at] ?? 0) + (sender !== null && sender % 2 === 1 ? 5 : 0)
    })
  const records: Records = {
    id: Array.from({ length: rows }, (_, row) => `${seed}-${row}`),
    source: column(senders.map((sender) => (sender === null ? null : `source ${sender}`))),
    label,
    at: Float64Array.from(given, (_, row) => 1_700_000_000_000 + 1000 * row),
    content: kind === 'image' ? drawnFrom(vectors, rows) : { kind, vectors: { rows, cols: dims, data: vectors } },
  }
  return {
    records,
    vectors: { rows, cols: dims, data: vectors },
    features: { offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * featuresEach), ids },
    nameOf: (_, feature) => `word "${feature}"`,
    labels,
    label: label.codes.map((code) => codes[code] ?? -1),
    probabilities: { rows, cols: labels.length, data: probabilities },
    nearest,
  }
}

/** Images of 8 × 8 grey pixels, equal where vectors are: each coordinate is the amplitude of a pattern of its own. */
function drawnFrom(vectors: Float32Array, rows: number): Records['content'] {
  const side = 8
  const pixels = new Uint8Array(rows * side * side)
  const patterns = Array.from({ length: dims }, (_, j) =>
    Array.from({ length: side * side }, (_, at) => (mix32(at, j) / 2 ** 32 - 0.5) * 30),
  )
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < side * side; at++) {
      let sum = 128
      patterns.forEach((pattern, j) => (sum += (pattern[at] ?? 0) * (vectors[row * dims + j] ?? 0)))
      pixels[row * side * side + at] = Math.max(0, Math.min(255, Math.round(sum)))
    }
  }
  return { kind: 'image', height: side, width: side, channels: 1, pixels }
}

/** The content among what a detector reads that records are made up with. */
export function contentFor({ needs }: Pick<Detector, 'needs'>): 'vector' | 'image' {
  return needs.content.includes('vector') ? 'vector' : 'image'
}
