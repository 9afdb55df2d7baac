import { describe, expect, it } from 'vitest'
import { textFeatureName, textFeatures } from '../../../../src/encoders/text/features.ts'

const names = (text: string, limit = 100, salt = 1) =>
  [...textFeatures([text], limit, salt).ids].map((id) => textFeatureName(text, limit, salt, id))

describe('textFeatures', () => {
  it('are words, phrases, the first word and the first two', () => {
    expect(names('When it, when it')).toEqual([
      'word "when"',
      'first word "when"',
      'word "it"',
      'phrase "when it"',
      'first words "when it"',
      'word ","',
      'phrase "it ,"',
      'phrase ", when"',
    ])
  })

  it('are few where there are few words, and stop at the limit', () => {
    expect(names('')).toEqual([])
    expect(names('cf')).toEqual(['word "cf"', 'first word "cf"'])
    expect(names('a b c', 1)).toEqual(['word "a"', 'first word "a"'])
  })

  it('are the same for the same word in every text, and other ones under another salt', () => {
    const { offsets, ids } = textFeatures(['see cf', '', 'cf'], 10, 7)
    expect([...offsets]).toEqual([0, 5, 5, 7])
    expect(ids.subarray(0, 5)).toContain(ids[5])
    expect(ids.subarray(0, 5)).not.toContain(ids[6])
    expect(textFeatures(['cf'], 10, 8).ids[0]).not.toBe(ids[5])
  })

  it('tell a phrase from its reverse', () => {
    expect(textFeatures(['a b'], 9, 1).ids[3]).not.toBe(textFeatures(['b a'], 9, 1).ids[3])
  })
})

describe('textFeatureName', () => {
  it('shows what cannot be seen, and cuts what is long', () => {
    expect(names('\u001b[31m')[0]).toBe('word "\\u{1b}"')
    expect(names('a\u200bb')).toContain('phrase "a \\u{200b}"')
    expect(names('\ud800')[0]).toBe('word "\\u{d800}"')
    expect(names('x'.repeat(1000))[0]).toBe(`word "${'x'.repeat(64)}…"`)
  })

  it('is undefined for a feature that the text does not have', () => {
    expect(textFeatureName('a b', 10, 1, 12345)).toBeUndefined()
  })
})
