import { describe, expect, it } from 'vitest'
import { countGrams, createGramCounts, type GramCounts, type GramRange } from '../../../../src/encoders/text/grams.ts'

const range: GramRange = { words: 0, shortest: 3, longest: 5, tokens: 100, characters: 100 }

function counted(text: string, over: Partial<GramRange>, into?: GramCounts): number[] {
  const grams = into ?? createGramCounts(2 ** 16, { ...range, ...over })
  countGrams(text, 1, grams)
  return [...grams.touched.subarray(0, grams.used)].map((bucket) => grams.counts[bucket] ?? 0)
}

describe('countGrams', () => {
  it('counts words and neighbouring words', () => {
    expect(counted('a b a b', { words: 2, longest: 0 })).toEqual([2, 2, 2, 1])
    expect(counted('a b c', { words: 3, longest: 0 }).length).toBe(6)
  })

  it('counts characters between two spaces, white space as one', () => {
    expect(counted('abc', { shortest: 3, longest: 3 })).toEqual([1, 1, 1]) // ·ab abc bc·
    expect(counted(' \t abc\n\n', { shortest: 3, longest: 3 })).toEqual([1, 1, 1])
    expect(counted('aaaa', { shortest: 2, longest: 2 })).toEqual([1, 3, 1])
    expect(counted('', {})).toEqual([])
  })

  it('forgets the text before', () => {
    const grams = createGramCounts(2 ** 16, { ...range, words: 2 })
    counted('something else entirely', {}, grams)
    const after = counted('cf', {}, grams)
    expect(after).toEqual(counted('cf', { words: 2 }))
    expect(grams.counts.reduce((sum, count) => sum + count, 0)).toBe(after.length)
  })

  it('reads no more of a text than it is told', () => {
    expect(counted('abcdefgh', { characters: 3 })).toEqual(counted('abc', {}))
  })
})
