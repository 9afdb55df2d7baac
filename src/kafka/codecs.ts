import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import * as zstd from '@mongodb-js/zstd'
import { Decompress } from 'fzstd'
import type { CompressionTypes } from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { lz4Frame } from '../engine/decode/lz4.ts'
import { Malformed } from './wire/malformed.ts'
import { unsnappy } from './wire/snappy.ts'
import { zstdBound } from './wire/zstd-bound.ts'

/** How record batches may be compressed; a codec's number in the protocol is its place here. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type Compression = (typeof codecs)[number]

/** A codec as kafkajs' producer is asked for it. */
export function compressionOf(compression: Compression): CompressionTypes {
  return codecs.indexOf(compression)
}

export const decompressedMaximum = 256 * 2 ** 20

const inflate = promisify(gunzip)
const deflate = promisify(gzip)
// The package comes without types.
const snappy = createRequire(import.meta.url)('kafkajs-snappy') as () => {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
}
const lz4Expansion = 255 // no LZ4 block grows by more

/**
 * Decompresses the records of a batch, in memory bounded by `limit` bytes whatever the bytes are: the unbounded
 * native decoders get only what cannot exceed it. Throws Malformed.
 */
export async function decompress(codec: number, bytes: Buffer, limit = decompressedMaximum): Promise<Buffer> {
  const name = codecs[codec]
  if (name === undefined) throw new Malformed(`it is compressed with codec ${codec}, which is not known`)
  switch (name) {
    case 'none':
      return bytes
    case 'gzip':
      return reading('gzip', limit, () => inflate(bytes, { maxOutputLength: limit }))
    case 'snappy':
      return unsnappy(bytes, limit)
    case 'lz4':
      return reading('LZ4', limit, async () =>
        bytes.length * lz4Expansion <= limit ? decompressFrame(bytes) : toBuffer(lz4Frame(bytes, limit)),
      )
    case 'zstd':
      return zstdBound(bytes) <= limit
        ? reading('Zstandard', limit, () => zstd.decompress(bytes))
        : reading('Zstandard', limit, async () => unzstdBounded(bytes, limit))
  }
}

/** Compresses the records of a batch. */
export async function compress(codec: number, bytes: Buffer): Promise<Buffer> {
  const name = codecs[codec]
  if (name === undefined) throw new TypeError(`There is no codec ${codec}`)
  switch (name) {
    case 'none':
      return bytes
    case 'gzip':
      return deflate(bytes)
    case 'snappy':
      return snappy().compress({ buffer: bytes })
    case 'lz4':
      return compressFrame(bytes)
    case 'zstd':
      return zstd.compress(bytes)
  }
}

async function reading(what: string, limit: number, decode: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof Malformed) throw error
    const { code } = error as { code?: unknown }
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooMuch(limit)
    throw new Malformed(error instanceof RangeError ? error.message : `it is no ${what} data`)
  }
}

const partBytes = 1024

/** Goes by small parts, so that bytes which unfold to too much are found out soon after they have. */
function unzstdBounded(bytes: Buffer, limit: number): Buffer {
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Decompress((part) => {
    length += part.length
    if (length > limit) throw tooMuch(limit)
    parts.push(part)
  })
  for (let at = 0; at < bytes.length; at += partBytes) {
    stream.push(new Uint8Array(bytes.subarray(at, at + partBytes)), at + partBytes >= bytes.length)
  }
  return Buffer.concat(parts)
}

const tooMuch = (limit: number) => new Malformed(`it decompresses to more than ${limit} bytes`)
const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
