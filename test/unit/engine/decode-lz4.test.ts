import { describe, expect, it } from 'vitest'
import { lz4Frame } from '../../../src/engine/decode/lz4.ts'

describe('lz4Frame', () => {
  it('refuses what is no frame, or is cut', () => {
    for (const bytes of [new Uint8Array(), Buffer.from('hello, world')])
      expect(() => lz4Frame(bytes, 1000)).toThrow(RangeError)
  })

  it('reads stored blocks, matches that overlap, and the end mark', () => {
    // Header without content size or checksum; one stored block; one block of a literal and an overlapping match.
    const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
    const stored = [3, 0, 0, 0x80, 0x78, 0x79, 0x7a]
    const match = [0x1f, 0x61, 1, 0, 0]
    const last = [0x10, 0x62]
    const block = [match.length + last.length, 0, 0, 0, ...match, ...last]
    const bytes = Uint8Array.from([...header, ...stored, ...block, 0, 0, 0, 0])
    expect(Buffer.from(lz4Frame(bytes, 1000)).toString()).toBe(`xyza${'a'.repeat(19)}b`)
    expect(() => lz4Frame(bytes, 10)).toThrow(RangeError)
    for (let end = 0; end < bytes.length; end++)
      expect(() => lz4Frame(bytes.subarray(0, end), 1000)).toThrow(RangeError)
  })
})
