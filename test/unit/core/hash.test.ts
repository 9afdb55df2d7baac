import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mix32, unmix32 } from '../../../src/core/hash.ts'

const whole32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('unmix32', () => {
  it('gives back what was mixed into a hash', () => {
    fc.assert(
      fc.property(whole32, whole32, (hash, value) => {
        expect(unmix32(hash, mix32(hash, value))).toBe(value)
      }),
    )
  })

  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])('gives back %d', (value) => {
    expect(unmix32(7, mix32(7, value))).toBe(value)
  })
})
