import { describe, expect, it } from 'vitest'
import { loadAsset } from '../../../../src/baseline/assets.ts'
import { createTokens, hashToken } from '../../../../src/encoders/text/tokens.ts'
import { vocabularyOf } from '../../../../src/encoders/text/vocabulary.ts'

const name = 'glove100-40k'
const assets = await loadAsset(name)

const rank = (word: string) => {
  const token = createTokens(1)
  hashToken(word, token)
  return vocabularyOf(assets, name).rankOf(token.low[0] ?? 0, token.high[0] ?? 0)
}

describe('vocabularyOf', () => {
  it('finds every word at its place, and no other', () => {
    const words = new TextDecoder()
      .decode(assets.get(`${name}.vocab.txt`))
      .trimEnd()
      .split('\n')
    expect(words.length).toBe(40_000)
    const elsewhere = words.filter((word, i) => rank(word) !== i)
    expect(elsewhere).toEqual(['’']) // one token with '
    expect(['__proto__', 'constructor', 'qqzzqq', ''].map(rank)).toEqual([-1, words.indexOf('constructor'), -1, -1])
  })

  it('is read once', () => {
    expect(vocabularyOf(assets, name)).toBe(vocabularyOf(assets, name))
  })

  it('knows which words are close', () => {
    const { dims, vectors, scales } = vocabularyOf(assets, name)
    const vector = (word: string) =>
      Array.from(vectors.subarray(rank(word) * dims, (rank(word) + 1) * dims), (v) => v * (scales[rank(word)] ?? 0))
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b))
    expect(cosine(vector('king'), vector('queen'))).toBeGreaterThan(0.6)
    expect(cosine(vector('king'), vector('film'))).toBeLessThan(0.4)
  })

  it('refuses files that are missing or do not fit together', () => {
    expect(() => vocabularyOf(new Map(), name)).toThrow(/is missing/)
    const short = new Map(assets).set(`${name}.scale.f32`, new Uint8Array(4))
    expect(() => vocabularyOf(short, name)).toThrow(/do not fit together/)
  })
})
