import { describe, expect, it } from 'vitest'
import { loadAsset } from '../../../../src/baseline/assets.ts'
import { tokensOf } from '../../../../src/encoders/text/batch-tokens.ts'
import { meanVectors, type Weighting } from '../../../../src/encoders/text/mean-vectors.ts'
import { vocabularyOf } from '../../../../src/encoders/text/vocabulary.ts'

const name = 'glove100-40k'
const vocabulary = vocabularyOf(await loadAsset(name), name)
const texts = [
  'the quick brown fox jumps over the lazy dog, and the dog does not mind',
  'qqzzqq',
  '',
  'constructor the prototype of all queens',
]

/** Word by word, number by number: what `meanVectors` is a faster way to. */
function plain(weighting: Weighting): number[] {
  const { dims, vectors, scales, rankOf } = vocabulary
  const { offsets, low, high } = tokensOf(texts, 100)
  return texts.flatMap((_, row) => {
    const sum = new Float64Array(dims)
    let total = 0
    const from = offsets[row] ?? 0
    for (let at = from; at < Math.min(offsets[row + 1] ?? 0, from + weighting.tokens); at++) {
      const rank = rankOf(low[at] ?? 0, high[at] ?? 0)
      if (rank < 0) continue
      const a = weighting.smoothing
      const weight = a === 0 ? 1 : a / (a + 1 / (12 * (rank + 1)))
      const factor = weight * (scales[rank] ?? 0)
      for (let j = 0; j < dims; j++) sum[j] = (sum[j] ?? 0) + factor * (vectors[rank * dims + j] ?? 0)
      total += weight
    }
    return Array.from(sum, (value) => Math.fround(total === 0 ? 0 : value / total))
  })
}

describe('meanVectors', () => {
  it.each([
    { tokens: 100, smoothing: 0 },
    { tokens: 100, smoothing: 0.001 },
    { tokens: 3, smoothing: 0 },
  ])('is the weighted mean of the known words, within 5e-5: %o', (weighting) => {
    const { rows, cols, data } = meanVectors(tokensOf(texts, 100), weighting, vocabulary)
    expect([rows, cols]).toEqual([texts.length, vocabulary.dims])
    plain(weighting).forEach((value, i) => expect(Math.abs((data[i] ?? 0) - value)).toBeLessThan(5e-5))
  })
})
