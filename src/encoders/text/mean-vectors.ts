import type { Matrix } from '../../core/matrix.ts'
import type { BatchTokens } from './batch-tokens.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Weighting {
  readonly tokens: number // of a text, from its start
  readonly smoothing: number // the a of the weight a/(a + frequency); 0: all words weigh 1
}

/** Weighted mean of the vectors of each text's known words; the zero vector where it has none. */
export function meanVectors(texts: BatchTokens, { tokens, smoothing }: Weighting, vocabulary: Vocabulary): Matrix {
  const { dims, scales, rankOf, wordsPerVector } = vocabulary
  const rows = texts.offsets.length - 1
  const data = new Float32Array(rows * dims)
  const sum = new Float64Array(dims + 7)
  const longest = Math.min(tokens, texts.low.length)
  const places = new Int32Array(longest) // of the known words' vectors
  const factors = new Float64Array(longest)
  for (let row = 0; row < rows; row++) {
    const from = texts.offsets[row] ?? 0
    const to = Math.min(texts.offsets[row + 1] ?? 0, from + tokens)
    let known = 0
    let total = 0
    for (let at = from; at < to; at++) {
      const rank = rankOf(texts.low[at] ?? 0, texts.high[at] ?? 0)
      if (rank < 0) continue
      // The vocabulary is in order of frequency: by Zipf's law the word of rank r makes up about 1/(12 r) of English.
      const weight = smoothing === 0 ? 1 : smoothing / (smoothing + 1 / (12 * (rank + 1)))
      places[known] = rank * wordsPerVector
      factors[known++] = weight * (scales[rank] ?? 0)
      total += weight
    }
    if (total === 0) continue
    addUp(vocabulary, places, factors, known, sum)
    for (let j = 0; j < dims; j++) data[row * dims + j] = (sum[j] ?? 0) / total
  }
  return { rows, cols: dims, data }
}

/**
 * Σ factor · vector over the vectors that begin at the first `count` places, in their order, into `sum`: eight dimensions
 * at a time, whose sums stay in registers, from numbers that are read four at once.
 */
function addUp(
  { packed, wordsPerVector }: Vocabulary,
  places: Int32Array,
  factors: Float64Array,
  count: number,
  sum: Float64Array,
): void {
  for (let word = 0; word < wordsPerVector; word += 2) {
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    let e = 0
    let f = 0
    let g = 0
    let h = 0
    for (let t = 0; t < count; t++) {
      const factor = factors[t] ?? 0
      const at = (places[t] ?? 0) + word
      const four = packed[at] ?? 0
      const next = packed[at + 1] ?? 0
      a += factor * ((four << 24) >> 24)
      b += factor * ((four << 16) >> 24)
      c += factor * ((four << 8) >> 24)
      d += factor * (four >> 24)
      e += factor * ((next << 24) >> 24)
      f += factor * ((next << 16) >> 24)
      g += factor * ((next << 8) >> 24)
      h += factor * (next >> 24)
    }
    const j = 4 * word
    sum[j] = a
    sum[j + 1] = b
    sum[j + 2] = c
    sum[j + 3] = d
    sum[j + 4] = e
    sum[j + 5] = f
    sum[j + 6] = g
    sum[j + 7] = h
  }
}
