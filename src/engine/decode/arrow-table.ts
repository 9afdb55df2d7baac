import { CompressionType, compressionRegistry, tableFromIPC, type Table } from 'apache-arrow'
import { Decompress } from 'fzstd'
import { lz4Frame } from './lz4.ts'

/**
 * The table of an Arrow IPC stream whose metadata has been checked. Compressed buffers may unfold to `limit` bytes
 * together; throws RangeError where they would be more, and an Error on what cannot be read.
 */
export function readArrowTable(stream: Uint8Array, limit: number): Table {
  let left = limit
  const counted = (bytes: Uint8Array): Uint8Array => {
    left -= bytes.length
    return bytes
  }
  // The registry is the reader's only way to be given codecs. Reading ends before anyone else can set others.
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (bytes) => counted(lz4Frame(bytes, left)) })
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => counted(zstdFrame(bytes, left)) })
  return tableFromIPC(stream)
}

const partBytes = 4096

/** Decompresses by small parts, so that bytes which unfold to too much are found out before they have. */
function zstdFrame(bytes: Uint8Array, limit: number): Uint8Array {
  const parts: Uint8Array[] = []
  let length = 0
  const zstd = new Decompress((part) => {
    length += part.length
    if (length > limit) throw new RangeError(`a zstd frame unfolds to more than ${limit} bytes`)
    if (part.length > 0) parts.push(part)
  })
  for (let at = 0; at < bytes.length; at += partBytes)
    zstd.push(bytes.slice(at, at + partBytes), at + partBytes >= bytes.length)
  // Arrow reads numbers in place, so a buffer must begin where its memory does.
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
