import { describe, expect, it } from 'vitest'
import { readIdx } from '../../../datasets/idx.ts'

const header = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]

describe('readIdx', () => {
  it('reads the shape and the bytes', () => {
    const { shape, data } = readIdx(Uint8Array.from([...header, 1, 2, 3, 4, 5, 6]))
    expect(shape).toEqual([2, 3])
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('reads bytes that do not begin at the start of their buffer', () => {
    const bytes = Uint8Array.from([9, 9, ...header, 1, 2, 3, 4, 5, 6]).subarray(2)
    expect([...readIdx(bytes).data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it.each([
    ['nothing', []],
    ['another type of numbers', [0, 0, 13, 1, 0, 0, 0, 0]],
    ['a cut header', header.slice(0, 7)],
    ['too few bytes', [...header, 1, 2]],
    ['too many bytes', [...header, 1, 2, 3, 4, 5, 6, 7]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readIdx(Uint8Array.from(bytes))).toThrow(/IDX/)
  })
})
