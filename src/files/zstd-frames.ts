/** A stretch of a zstd file. `end`, without bytes, stands where a frame ends. */
export interface Piece {
  readonly kind: 'data' | 'checksum' | 'end'
  readonly bytes: Uint8Array
}

export interface ZstdFrames {
  push(bytes: Uint8Array): readonly Piece[]
  fault(): string | undefined
  /** True in the middle of a frame. */
  inside(): boolean
}

const nothing = new Uint8Array()

/** Cuts zstd data into frames by their headers and blocks (RFC 8878, section 3.1), without decompressing them. */
export function zstdFrames(): ZstdFrames {
  let state: 'magic' | 'descriptor' | 'header' | 'block' | 'body' | 'checksum' | 'skipSize' | 'skip' = 'magic'
  let held = Buffer.alloc(0) // of a field that is not at hand as a whole
  let want = 4
  let left = 0
  let last = false
  let summed = false
  let fault: string | undefined

  const to = (next: typeof state, bytes: number): void => {
    state = next
    held = Buffer.alloc(0)
    want = bytes
  }
  const toBlockEnd = (pieces: Piece[]): void => {
    if (!last) return to('block', 3)
    if (summed) return to('checksum', 4)
    pieces.push({ kind: 'end', bytes: nothing })
    to('magic', 4)
  }
  const field = (pieces: Piece[]): void => {
    const bytes = held
    if (state === 'magic') {
      const magic = bytes.readUInt32LE()
      if (magic === 0xfd2fb528) to('descriptor', 1)
      else if (magic >>> 4 === 0x184d2a5) return to('skipSize', 4)
      else fault = 'what follows is no zstd frame'
      if (fault === undefined) pieces.push({ kind: 'data', bytes })
    } else if (state === 'descriptor') {
      const descriptor = bytes[0] ?? 0
      const single = (descriptor & 32) !== 0
      summed = (descriptor & 4) !== 0
      const size = descriptor >>> 6
      const header = (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + (size === 0 ? Number(single) : 1 << size)
      pieces.push({ kind: 'data', bytes })
      to('header', header)
    } else if (state === 'header') {
      pieces.push({ kind: 'data', bytes })
      to('block', 3)
    } else if (state === 'block') {
      const block = bytes.readUIntLE(0, 3)
      last = (block & 1) === 1
      left = ((block >>> 1) & 3) === 1 ? 1 : block >>> 3
      pieces.push({ kind: 'data', bytes })
      if (left > 0) to('body', 0)
      else toBlockEnd(pieces)
    } else if (state === 'checksum') {
      pieces.push({ kind: 'data', bytes }, { kind: 'checksum', bytes }, { kind: 'end', bytes: nothing })
      to('magic', 4)
    } else {
      left = bytes.readUInt32LE()
      if (left > 0) to('skip', 0)
      else to('magic', 4)
    }
  }

  return {
    push(bytes) {
      const pieces: Piece[] = []
      for (let at = 0; at < bytes.length && fault === undefined;) {
        if (state === 'body' || state === 'skip') {
          const part = bytes.subarray(at, at + left)
          at += part.length
          left -= part.length
          if (state === 'body') pieces.push({ kind: 'data', bytes: part })
          if (left > 0) continue
          if (state === 'body') toBlockEnd(pieces)
          else to('magic', 4)
        } else {
          const part = bytes.subarray(at, at + want - held.length)
          at += part.length
          held = Buffer.concat([held, part])
          if (held.length === want) field(pieces)
        }
      }
      return pieces
    },
    fault: () => fault,
    inside: () => state !== 'magic' || held.length > 0,
  }
}
