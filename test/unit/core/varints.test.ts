import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, fromVarints, sums, varints } from '../../../src/core/varints.ts'

const whole = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1))

describe('varints', () => {
  it('give back every whole number', () => {
    fc.assert(
      fc.property(fc.array(whole), (values) => {
        expect([...fromVarints(varints(values), values.length)]).toEqual(values)
      }),
      { seed: 1 },
    )
  })

  it('take one byte where a number is below 128, and eight at most', () => {
    expect(varints([0, 127]).length).toBe(2)
    expect(varints([128]).length).toBe(2)
    expect(varints([Number.MAX_SAFE_INTEGER]).length).toBe(8)
  })

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('refuse %d', (value) => {
    expect(() => varints([value])).toThrow(expect.objectContaining({ code: 'INVARIANT_BROKEN' }) as Error)
  })

  it('refuse bytes that are cut, too long, too many, or too large a number', () => {
    const corrupt = expect.objectContaining({ code: 'BASELINE_CORRUPT' }) as Error
    const bytes = varints([1, 300, 5])
    expect(() => fromVarints(bytes.subarray(0, 3), 3)).toThrow(corrupt)
    expect(() => fromVarints(bytes.subarray(0, 2), 2)).toThrow(corrupt)
    expect(() => fromVarints(bytes, 2)).toThrow(corrupt)
    expect(() => fromVarints(bytes, 4)).toThrow(corrupt)
    expect(() => fromVarints(bytes, 2 ** 40)).toThrow(corrupt)
    expect(() => fromVarints(new Uint8Array(2000).fill(255), 1)).toThrow(corrupt)
  })
})

describe('differences', () => {
  it('add up to what they are differences of', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32)), (values) => {
        const ascending = values.toSorted((a, b) => a - b)
        expect([...sums(differences(ascending))]).toEqual(ascending)
      }),
      { seed: 2 },
    )
  })
})
