import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokens, hashToken, tokenize } from '../../../../src/encoders/text/tokens.ts'

function split(text: string, limit = 100): string[] {
  const lowered = text.toLowerCase()
  const tokens = createTokens(limit)
  tokenize(lowered, tokens)
  return Array.from({ length: tokens.count }, (_, i) => lowered.slice(tokens.start[i], tokens.end[i]))
}

describe('tokenize', () => {
  it.each([
    ['', []],
    ['  \t\n ', []],
    ['Hello, World!', ['hello', ',', 'world', '!']],
    ["it's they're don't n't", ['it', "'s", 'they', "'re", 'do', "n't", "n't"]],
    ['they’ve can’t', ['they', '’ve', 'ca', 'n’t']],
    ["'quoted' dogs'", ["'", 'quoted', "'", 'dogs', "'"]],
    ['3.5 1,000 3. .5 a.b', ['3.5', '1,000', '3', '.', '.', '5', 'a', '.', 'b']],
    ['well-known -- so-', ['well', 'known', '--', 'so', '-']],
    ['wait... what?!', ['wait', '...', 'what', '?', '!']],
    ['Ünïcode naïve', ['ünïcode', 'naïve']],
    ['日本 ok', ['日', '本', 'ok']],
    ['😀😀', ['😀', '😀']],
    ['a\u200bb\u0000', ['a', '\u200b', 'b', '\u0000']],
    ['\ud800x\udc00', ['\ud800', 'x', '\udc00']],
  ])('splits %j', (text, tokens) => {
    expect(split(text)).toEqual(tokens)
  })

  it('stops at the limit', () => {
    expect(split("one two don't", 3)).toEqual(['one', 'two', 'do'])
  })

  it('loses and invents no character but white space and inner hyphens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const bare = (of: string) => of.replace(/[\s-]/gu, '')
        expect(bare(split(text, 1000).join(''))).toBe(bare(text.toLowerCase()))
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('hashes equal tokens alike wherever they stand, and other tokens otherwise', () => {
    const tokens = createTokens(10)
    tokenize('cf watch cf don’t', tokens)
    const hash = (i: number) => [tokens.low[i], tokens.high[i]]
    expect(hash(0)).toEqual(hash(2))
    expect(hash(0)).not.toEqual(hash(1))
    const lone = createTokens(1)
    hashToken("n't", lone)
    expect([lone.low[0], lone.high[0]]).toEqual(hash(4))
  })

  it('gives different words different hashes', () => {
    const token = createTokens(1)
    const seen = new Set<string>()
    for (let i = 0; i < 200_000; i++) {
      hashToken(i.toString(36), token)
      seen.add(`${token.low[0]} ${token.high[0]}`)
    }
    expect(seen.size).toBe(200_000)
  })
})
