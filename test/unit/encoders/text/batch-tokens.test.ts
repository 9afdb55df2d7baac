import { describe, expect, it } from 'vitest'
import { tokensOf } from '../../../../src/encoders/text/batch-tokens.ts'
import { createTokens, tokenize } from '../../../../src/encoders/text/tokens.ts'

describe('tokensOf', () => {
  const texts = ["It's 3.5 at o'clock", '', 'x'.repeat(100), Array.from({ length: 300 }, (_, i) => `w${i}`).join(' ')]

  it('gives the tokens of each text, as they are alone', () => {
    const { offsets, low, high } = tokensOf([...texts], 200)
    const alone = createTokens(200)
    texts.forEach((text, row) => {
      tokenize(text.toLowerCase(), alone)
      const [from, to] = [offsets[row], offsets[row + 1]]
      expect([...low.subarray(from, to)]).toEqual([...alone.low.subarray(0, alone.count)])
      expect([...high.subarray(from, to)]).toEqual([...alone.high.subarray(0, alone.count)])
    })
    expect(low.length).toBe(offsets.at(-1))
  })

  it('reads texts once for a limit', () => {
    const held = [...texts]
    expect(tokensOf(held, 200)).toBe(tokensOf(held, 200))
    expect(tokensOf(held, 1).low.length).toBe(3)
    expect(tokensOf(held, 200).low.length).toBeGreaterThan(200)
  })
})
