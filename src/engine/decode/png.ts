import { PNG } from 'pngjs'
import type { ImageShape } from './image.ts'
import { Fault } from './table.ts'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length > 8 && signature.equals(bytes.subarray(0, 8))
}

/**
 * The pixels of a PNG of exactly the size asked for. What its header says is checked before anything is inflated, so
 * that a small file cannot ask for much memory; interlaced files are refused because their size cannot be told ahead.
 */
export function pngPixels(bytes: Uint8Array, { column, height, width, channels }: ImageShape): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 33 || view.toString('latin1', 12, 16) !== 'IHDR')
    throw new Fault('BYTES_MALFORMED', `column '${column}' holds a PNG that is cut in its header`)
  const [hasWidth, hasHeight] = [view.readUInt32BE(16), view.readUInt32BE(20)]
  if (hasWidth !== width || hasHeight !== height)
    throw new Fault(
      'VALUE_WRONG_SHAPE',
      `column '${column}' holds a PNG of ${hasHeight} × ${hasWidth}, not ${height} × ${width}`,
    )
  if (view[28] !== 0)
    throw new Fault('BYTES_MALFORMED', `column '${column}' holds an interlaced PNG: save it without interlacing`)
  return channelsOf(readPng(view, column), { column, height, width, channels })
}

function readPng(bytes: Buffer, column: string): Buffer {
  try {
    return PNG.sync.read(bytes, { checkCRC: true }).data
  } catch (error) {
    throw new Fault('BYTES_MALFORMED', `column '${column}' holds a broken PNG: ${String(error)}`)
  }
}

function channelsOf(rgba: Buffer, { column, height, width, channels }: ImageShape): Uint8Array {
  const pixels = new Uint8Array(height * width * channels)
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new Fault('VALUE_WRONG_SHAPE', `a PNG has 1, 3 or 4 channels, the pipeline asks for ${channels}`)
  for (let i = 0; i < height * width; i++) {
    const [red, green, blue] = [rgba[i * 4] ?? 0, rgba[i * 4 + 1] ?? 0, rgba[i * 4 + 2] ?? 0]
    if (channels === 1 && (red !== green || red !== blue))
      throw new Fault('VALUE_WRONG_SHAPE', `column '${column}' holds a PNG in colour, the pipeline asks for 1 channel`)
    for (let channel = 0; channel < channels; channel++) pixels[i * channels + channel] = rgba[i * 4 + channel] ?? 0
  }
  return pixels
}
