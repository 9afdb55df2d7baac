import { Malformed } from './malformed.ts'

const blockMaximum = 128 * 1024
const windowMaximum = 128 * 2 ** 20 // what zstd itself refuses to exceed unless told otherwise

/**
 * The most bytes that Zstandard frames can decompress to, from the headers of their frames and blocks (RFC 8878,
 * section 3.1) and without trusting what a frame claims its content to be. Throws Malformed where there is no frame.
 */
export function zstdBound(bytes: Buffer): number {
  const need = (at: number, count: number): number => {
    if (at + count > bytes.length) throw new Malformed('Zstandard data is cut')
    return at + count
  }
  let bound = 0
  let at = 0
  while (at < bytes.length) {
    need(at, 8)
    const magic = bytes.readUInt32LE(at)
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      at = need(at + 8, bytes.readUInt32LE(at + 4)) // a frame to be skipped
      continue
    }
    if (magic !== 0xfd2fb528) throw new Malformed('no Zstandard frame')
    const descriptor = bytes[at + 4] ?? 0
    const single = (descriptor & 0x20) !== 0
    const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0
    const window = single ? 0 : windowOf(bytes[at + 5] ?? 0)
    if (window > windowMaximum) throw new Malformed('a Zstandard frame wants too large a window')
    const checksum = (descriptor & 0x04) === 0 ? 0 : 4
    at = need(at + 5, (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + contentSize)
    for (let last = false; !last;) {
      need(at, 3)
      const header = bytes.readUIntLE(at, 3)
      last = (header & 1) === 1
      const kind = (header >>> 1) & 3
      const size = header >>> 3
      if (kind === 3) throw new Malformed('a Zstandard block is of no known kind')
      bound += kind === 2 ? blockMaximum : size
      at = need(at + 3, kind === 1 ? 1 : size) // a run is stored as its one byte
    }
    at = need(at, checksum)
  }
  return bound
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}
