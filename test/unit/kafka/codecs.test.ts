import { describe, expect, it } from 'vitest'
import { codecs, compress, compressionOf, decompress } from '../../../src/kafka/codecs.ts'

const text = Buffer.from('a line that comes again and again\n'.repeat(20_000))
const zeros = Buffer.alloc(4 * 2 ** 20)
const compressions = codecs.map((name) => [name, compressionOf(name)] as const)

describe.each(compressions)('%s', (_name, codec) => {
  it('gives back what it was given', async () => {
    for (const plain of [text, Buffer.alloc(0), Buffer.from('x')]) {
      const packed = await compress(codec, plain)
      expect(Buffer.compare(await decompress(codec, packed), plain)).toBe(0)
    }
  })
})

describe.each(compressions.slice(1))('%s, which compresses,', (_name, codec) => {
  it('gives no more than the limit', async () => {
    const packed = await compress(codec, zeros)
    expect(packed.length).toBeLessThan(zeros.length / 10)
    expect((await decompress(codec, packed, zeros.length)).length).toBe(zeros.length)
    await expect(decompress(codec, packed, zeros.length - 1)).rejects.toMatchObject({ name: 'Malformed' })
    await expect(decompress(codec, packed, 2 ** 20)).rejects.toMatchObject({ name: 'Malformed' })
  })

  it('refuses what is cut or something else', async () => {
    const packed = await compress(codec, text)
    for (const bad of [packed.subarray(0, packed.length - 5), packed.subarray(3), Buffer.from('nonsense'), text]) {
      await expect(decompress(codec, bad)).rejects.toMatchObject({ name: 'Malformed' })
    }
  })
})

it('a codec that is not known is refused', async () => {
  await expect(decompress(5, text)).rejects.toMatchObject({ name: 'Malformed' })
  await expect(compress(5, text)).rejects.toThrow('There is no codec 5')
})

it('zstd in many small blocks is bounded by what it holds, not by what its blocks might', async () => {
  // Frames of one raw block of one byte each: as many blocks as bytes.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00, 0x61])
  const packed = Buffer.concat(Array.from({ length: 1000 }, () => frame))
  expect(String(await decompress(4, packed, 1000))).toBe('a'.repeat(1000))
  await expect(decompress(4, packed, 999)).rejects.toMatchObject({ name: 'Malformed' })
})
