import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unsnappy } from '../../../../src/kafka/wire/snappy.ts'

const { compress, uncompress } = createRequire(import.meta.url)('snappyjs') as {
  compress: (bytes: Buffer) => Buffer
  uncompress: (bytes: Buffer) => Buffer
}
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 50 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => Buffer.concat(parts.flatMap(([part, times]) => Array.from({ length: times }, () => part))))

describe('Snappy', () => {
  it('is decompressed to what was compressed, bare and in the framing of the Java clients', () => {
    fc.assert(
      fc.property(repetitive, (plain) => {
        const block = compress(plain)
        expect(unsnappy(block, plain.length).equals(plain)).toBe(true)
        const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
        const size = Buffer.alloc(4)
        size.writeUInt32BE(block.length)
        const framed = Buffer.concat([head, size, block, size, block])
        expect(unsnappy(framed, 2 * plain.length).equals(Buffer.concat([plain, plain]))).toBe(true)
        expect(() => unsnappy(framed, 2 * plain.length - 1)).toThrow(/more than/)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('that is harmed is refused, or is what the reference makes of it', () => {
    fc.assert(
      fc.property(repetitive, fc.nat(), fc.nat(255), (plain, place, value) => {
        const block = Buffer.from(compress(plain))
        block[place % block.length] = value
        try {
          const ours = unsnappy(block, 2 ** 20)
          expect(uncompress(block).equals(ours)).toBe(true)
        } catch (error) {
          if ((error as Error).name !== 'Malformed') throw error
        }
      }),
      { seed: 2, numRuns: 1000 },
    )
  })

  it('that claims a great length costs nothing', () => {
    expect(() => unsnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]), 2 ** 28)).toThrow(/more than/)
    expect(() => unsnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 2 ** 28)).toThrow('has no length')
  })
})
