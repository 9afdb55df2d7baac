import { pngPixels, isPng } from './png.ts'
import { cut, missing } from './scalar.ts'
import { absent, Fault, found } from './table.ts'

export interface ImageShape {
  readonly column: string
  readonly height: number
  readonly width: number
  readonly channels: number
}

/**
 * The pixels of one image, height × width × channels bytes: from a PNG (bytes, base64 text or a data URL), from raw
 * bytes (an item of an IDX file), or from a list, nested or flat, of whole numbers from 0 to 255. Throws a Fault.
 */
export function pixelsOf(cell: unknown, shape: ImageShape): Uint8Array {
  if (cell === absent) throw missing(shape.column)
  if (cell instanceof Uint8Array) return fromBytes(cell, shape)
  if (typeof cell === 'string') return fromBytes(fromBase64(cell, shape.column), shape)
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) return fromList(cell as unknown as ArrayLike<unknown>, shape)
  throw new Fault(
    cell === null || cell === undefined ? 'FIELD_MISSING' : 'FIELD_MISTYPED',
    `column '${shape.column}' must be a PNG, raw pixels or a list of numbers, found ${found(cell)}`,
  )
}

function fromBytes(bytes: Uint8Array, shape: ImageShape): Uint8Array {
  if (isPng(bytes)) return pngPixels(bytes, shape)
  const size = shape.height * shape.width * shape.channels
  if (bytes.length === size) return bytes
  throw new Fault(
    'VALUE_WRONG_SHAPE',
    `column '${shape.column}' holds ${bytes.length} bytes: neither a PNG nor ${size} raw pixels ` +
      `(${shape.height} × ${shape.width} × ${shape.channels})`,
  )
}

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

function fromBase64(text: string, column: string): Uint8Array {
  const body = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text
  if (body === '' || !base64.test(body))
    throw new Fault('FIELD_MISTYPED', `column '${column}' must hold an image in base64, found '${cut(text)}'`)
  return Buffer.from(body, 'base64')
}

function fromList(list: ArrayLike<unknown>, shape: ImageShape): Uint8Array {
  const size = shape.height * shape.width * shape.channels
  const pixels = new Uint8Array(size)
  let count = 0
  // Height, width and channels are the most that can nest.
  const take = (part: ArrayLike<unknown>, depth: number): void => {
    for (let i = 0; i < part.length; i++) {
      const value = part[i]
      if ((Array.isArray(value) || ArrayBuffer.isView(value)) && depth < 2) {
        take(value as unknown as ArrayLike<unknown>, depth + 1)
        continue
      }
      const pixel = typeof value === 'bigint' ? Number(value) : value
      if (typeof pixel !== 'number')
        throw new Fault('FIELD_MISTYPED', `column '${shape.column}' must hold numbers, found ${found(value)}`)
      if (!Number.isFinite(pixel)) throw new Fault('VALUE_NOT_FINITE', `column '${shape.column}' holds ${pixel}`)
      if (!Number.isInteger(pixel) || pixel < 0 || pixel > 255)
        throw new Fault('VALUE_WRONG_SHAPE', `column '${shape.column}' holds ${pixel}: pixels are whole, 0 to 255`)
      if (count < size) pixels[count] = pixel
      count++
    }
  }
  take(list, 0)
  if (count !== size)
    throw new Fault(
      'VALUE_WRONG_SHAPE',
      `column '${shape.column}' holds ${count} pixels, not ${shape.height} × ${shape.width} × ${shape.channels}`,
    )
  return pixels
}
