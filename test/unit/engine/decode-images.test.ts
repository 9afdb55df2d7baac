import { deflateSync } from 'node:zlib'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/engine/decode.ts'
import { codeOf, image, message, of } from './decode-messages.ts'

function png(width: number, height: number, pixel: (i: number) => readonly [number, number, number]): Buffer {
  const file = new PNG({ width, height })
  for (let i = 0; i < width * height; i++) file.data.set([...pixel(i), 255], i * 4)
  return PNG.sync.write(file)
}

describe('decode of images', () => {
  const pixels = [0, 50, 100, 150, 200, 250]
  const gray = png(3, 2, (i) => [pixels[i] ?? 0, pixels[i] ?? 0, pixels[i] ?? 0])

  it.each([
    ['a flat list', JSON.stringify(pixels)],
    ['a nested list', JSON.stringify([pixels.slice(0, 3), pixels.slice(3)])],
    ['raw bytes in base64', JSON.stringify(Buffer.from(pixels).toString('base64'))],
    ['a PNG in base64', JSON.stringify(gray.toString('base64'))],
    ['a data URL', JSON.stringify(`data:image/png;base64,${gray.toString('base64')}`)],
  ])('reads %s', (_, cell) => {
    const { content, rejected } = decode([message(`{"image":${cell}}`)], image)
    expect(rejected).toEqual([])
    expect(content).toEqual({ kind: 'image', height: 2, width: 3, channels: 1, pixels: Uint8Array.from(pixels) })
  })

  it('reads colours', () => {
    const colour = png(1, 1, () => [1, 2, 3]).toString('base64')
    const fields = of({ kind: 'image', column: 'image', height: 1, width: 1, channels: 3 })
    const { content } = decode([message(JSON.stringify({ image: colour }))], fields)
    expect(content.kind === 'image' && [...content.pixels]).toEqual([1, 2, 3])
  })

  it.each([
    ['too few pixels', '[1,2,3]', 'VALUE_WRONG_SHAPE'],
    ['pixels over 255', '[1,2,3,4,5,256]', 'VALUE_WRONG_SHAPE'],
    ['fractions', '[1,2,3,4,5,0.5]', 'VALUE_WRONG_SHAPE'],
    ['no numbers', '[1,2,3,4,5,"6"]', 'FIELD_MISTYPED'],
    ['infinity', '[1,2,3,4,5,1e999]', 'VALUE_NOT_FINITE'],
    ['a list nested too deep', '[[[[1,2,3,4,5,6]]]]', 'FIELD_MISTYPED'],
    ['null', 'null', 'FIELD_MISSING'],
    ['text that is no base64', '"hello, world"', 'FIELD_MISTYPED'],
    ['bytes of another size', '"AAAA"', 'VALUE_WRONG_SHAPE'],
    ['a PNG of another size', JSON.stringify(png(2, 2, () => [1, 1, 1]).toString('base64')), 'VALUE_WRONG_SHAPE'],
    ['a PNG in colour', JSON.stringify(png(3, 2, (i) => [i, 0, 9]).toString('base64')), 'VALUE_WRONG_SHAPE'],
    ['a PNG that is cut', JSON.stringify(gray.subarray(0, 60).toString('base64')), 'BYTES_MALFORMED'],
    ['a PNG cut in its header', JSON.stringify(gray.subarray(0, 20).toString('base64')), 'BYTES_MALFORMED'],
  ])('rejects %s', (_, cell, code) => {
    expect(codeOf(`{"image":${cell}}`, image)).toBe(code)
  })

  it('refuses a PNG whose data unfolds to more than its header says', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000))
    const data = Buffer.concat([gray.subarray(0, 33), chunk('IDAT', bomb), chunk('IEND', Buffer.alloc(0))])
    const { rejected, id } = decode([message(JSON.stringify({ image: data.toString('base64') }))], image)
    expect(id.length + rejected.length).toBe(1)
  })
})

/** A PNG chunk without a right checksum: the reader must not get as far as to mind. */
function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)])
}
