import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeName, encodeName } from '../../../../src/kafka/wire/header-name.ts'

const decode = (bytes: Buffer) => decodeName(bytes, 0, bytes.length)

describe('the name of a header', () => {
  it('keeps any bytes', () => {
    const likely = fc.constantFrom(0x41, 0xc3, 0xa4, 0xff, 0xed, 0xa0, 0x80, 0xef, 0xbb, 0xbf, 0xf0, 0x9f)
    fc.assert(
      fc.property(fc.array(fc.oneof(likely, fc.nat(255)), { maxLength: 12 }), (array) => {
        const bytes = Buffer.from(array)
        expect(encodeName(decode(bytes))).toEqual(bytes)
      }),
      { seed: 1, numRuns: 3000 },
    )
  })

  it('is text where it is UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(decode(Buffer.from(name))).toBe(name)
      }),
      { seed: 2, numRuns: 1000 },
    )
  })

  it('differs where the bytes do', () => {
    expect(decode(Buffer.from([0xff]))).toBe('\udcff')
    expect(decode(Buffer.from([0xed, 0xb3, 0xbf]))).toBe('\udced\udcb3\udcbf') // U+DCFF, as no UTF-8 may hold it
  })

  it('has no bytes where it has half a surrogate pair of another kind', () => {
    expect(() => encodeName('x\ud800')).toThrow(TypeError)
    expect(() => encodeName('ä\udcff')).toThrow(TypeError)
  })
})
