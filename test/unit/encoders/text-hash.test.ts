import { describe, expect, it } from 'vitest'
import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import textHash from '../../../src/encoders/text-hash.ts'

const records = (text: string[]): Records => {
  const none = column(text.map(() => null))
  return { id: text, source: none, label: none, at: new Float64Array(text.length), content: { kind: 'text', text } }
}
const common = Array.from({ length: 50 }, (_, i) => `the movie is number ${i}`)

async function cosines(texts: string[], params: unknown, seed = 1): Promise<(a: number, b: number) => number> {
  const fitted = await textHash.fit(records(common), textHash.params.parse(params), seed)
  const { cols, data } = await textHash.encode({ kind: 'text', text: texts }, fitted)
  const row = (i: number) => data.subarray(i * cols, (i + 1) * cols)
  return (a, b) => {
    const dot = row(a).reduce((sum, value, i) => sum + value * (row(b)[i] ?? 0), 0)
    return dot / (Math.hypot(...row(a)) * Math.hypot(...row(b)))
  }
}

describe('text-hash', () => {
  it('puts texts that share rare words nearer than texts that share common ones', async () => {
    const cosine = await cosines(['the movie', 'the movie zebra', 'a zebra'], { dims: 2048, longest: 0, words: 1 })
    expect(cosine(1, 2)).toBeGreaterThan(cosine(0, 1))
    expect(cosine(0, 2)).toBeLessThan(0.15)
  })

  it('keeps the cosine of TF-IDF vectors, whatever the seed', async () => {
    // one shared word of two, all equally unseen: cosine 1/2
    for (const seed of [1, 2, 3]) {
      const cosine = await cosines(['alpha beta', 'alpha gamma'], { dims: 4096, longest: 0, words: 1 }, seed)
      expect(cosine(0, 1)).toBeCloseTo(0.5, 1)
    }
  })

  it('sees that words are alike by their characters', async () => {
    const cosine = await cosines(['excellently', 'excellent', 'tomorrow'], { dims: 1024 })
    expect(cosine(0, 1)).toBeGreaterThan(0.4)
    expect(cosine(0, 2)).toBeLessThan(0.2)
  })

  it('refuses parameters that make no sense', () => {
    expect(() => textHash.params.parse({ buckets: 1000 })).toThrow(/power of two/)
    expect(() => textHash.params.parse({ words: 0, longest: 0 })).toThrow(/cannot both be 0/)
    expect(() => textHash.params.parse({ dimz: 3 })).toThrow(/dimz/)
  })
})
