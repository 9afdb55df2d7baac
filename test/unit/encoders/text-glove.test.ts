import { describe, expect, it } from 'vitest'
import { loadAsset } from '../../../src/baseline/assets.ts'
import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import textGlove from '../../../src/encoders/text-glove.ts'

const assets = await loadAsset('glove100-40k')
const records = (text: string[]): Records => {
  const none = column(text.map(() => null))
  return { id: text, source: none, label: none, at: new Float64Array(text.length), content: { kind: 'text', text } }
}
const encode = async (text: string[], params: unknown = {}, reference: string[] = text) => {
  const fitted = await textGlove.fit(records(reference), textGlove.params.parse(params), 1, assets)
  const { cols, data } = await textGlove.encode({ kind: 'text', text }, fitted, assets)
  return text.map((_, row) => [...data.subarray(row * cols, (row + 1) * cols)])
}

describe('text-glove', () => {
  it('is the mean of the vectors of known words', async () => {
    const [the = [], film = [], both = [], padded] = await encode(['the', 'film', 'The film', 'zqxj the, film qqqzzz'])
    expect(the.length).toBe(100)
    both.forEach((value, i) => expect(value).toBeCloseTo(((the[i] ?? 0) + (film[i] ?? 0)) / 2, 4))
    expect(padded).not.toEqual(both) // the comma is a known word
    expect((await encode(['zqxj the film qqqzzz']))[0]).toEqual(both)
  })

  it('is zero for texts without a known word', async () => {
    expect((await encode(['', 'zqxj', '\ud800'])).flat().every((value) => value === 0)).toBe(true)
    const [nothing = []] = await encode(['zqxj'], { standardize: true }, ['the film', 'a dull film', 'rain'])
    expect(nothing.every((value) => value === 0)).toBe(true)
  })

  it('reads no more words than it is told', async () => {
    const [cut, whole] = await encode(['the film is dull', 'the film'], { tokens: 2 })
    expect(cut).toEqual(whole)
  })

  it('gives rare words more weight where asked to', async () => {
    const [the = [], rare = [], both = []] = await encode(['the', 'sonata', 'the sonata'], { smoothing: 0.001 })
    const share = both.map((value, i) => (value - (the[i] ?? 0)) / ((rare[i] ?? 0) - (the[i] ?? 0)))
    const weight = (rank: number) => 0.001 / (0.001 + 1 / (12 * rank))
    expect(share[0]).toBeGreaterThan(0.98)
    expect(share[0]).toBeLessThan(1 / (1 + weight(1) / weight(40_000)))
  })

  it('centres and scales on the reference where asked to', async () => {
    const text = ['the film', 'dull rain', 'brilliant music', 'he said so']
    const vectors = await encode(text, { standardize: true })
    for (let j = 0; j < 100; j++) {
      const values = vectors.map((vector) => vector[j] ?? 0)
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4)
      expect(values.reduce((sum, value) => sum + value * value, 0) / 4).toBeCloseTo(1, 4)
    }
  })
})
