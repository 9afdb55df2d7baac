import type { Matrix } from '../../core/matrix.ts'
import type { BatchTokens } from './batch-tokens.ts'
import { mostSummed } from './sum-vectors.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface Weighting {
  readonly tokens: number // of a text, from its start
  readonly smoothing: number // the a of the weight a/(a + frequency); 0: all words weigh 1
}

const most = 2 ** 15 - 1

/**
 * Weighted mean of the vectors of each text's known words; the zero vector where it has none. What a word's numbers are
 * multiplied by, its weight and its scale, is rounded to 15 bits of the largest in the text: they themselves have 8.
 */
export function meanVectors(texts: BatchTokens, { tokens, smoothing }: Weighting, vocabulary: Vocabulary): Matrix {
  const { dims, scales, rankOf, sums } = vocabulary
  const rows = texts.offsets.length - 1
  const data = new Float32Array(rows * dims)
  const sum = new Float64Array(dims)
  const longest = Math.min(tokens, texts.low.length)
  const ranks = new Int32Array(longest) // of the known words
  const factors = new Float64Array(longest)
  for (let row = 0; row < rows; row++) {
    const from = texts.offsets[row] ?? 0
    const to = Math.min(texts.offsets[row + 1] ?? 0, from + tokens)
    let known = 0
    let total = 0
    let largest = 0
    for (let at = from; at < to; at++) {
      const rank = rankOf(texts.low[at] ?? 0, texts.high[at] ?? 0)
      if (rank < 0) continue
      // The vocabulary is in order of frequency: by Zipf's law the word of rank r makes up about 1/(12 r) of English.
      const weight = smoothing === 0 ? 1 : smoothing / (smoothing + 1 / (12 * (rank + 1)))
      const factor = weight * (scales[rank] ?? 0)
      ranks[known] = rank
      factors[known++] = factor
      total += weight
      if (factor > largest) largest = factor
    }
    if (total === 0 || largest === 0) continue
    sum.fill(0)
    for (let first = 0; first < known; first += mostSummed) {
      const count = Math.min(mostSummed, known - first)
      for (let i = 0; i < count; i++) {
        sums.places[i] = ranks[first + i] ?? 0
        sums.factors[i] = Math.round((most * (factors[first + i] ?? 0)) / largest)
      }
      sums.addUp(count)
      for (let j = 0; j < dims; j++) sum[j] = (sum[j] ?? 0) + (sums.sum[j] ?? 0)
    }
    for (let j = 0; j < dims; j++) data[row * dims + j] = ((sum[j] ?? 0) * largest) / (most * total)
  }
  return { rows, cols: dims, data }
}
