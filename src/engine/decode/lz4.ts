/**
 * Decompresses an LZ4 frame, as Arrow's compressed buffers hold them (LZ4 Frame Format 1.6.x and LZ4 Block Format,
 * https://github.com/lz4/lz4/tree/dev/doc). Checksums are not verified. Throws RangeError on bytes that are no such frame.
 */
export function lz4Frame(source: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  if (source.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new RangeError('no LZ4 frame')
  const flags = source[4] ?? 0
  const blockChecksum = (flags & 0x10) !== 0
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4)
  let out = new Uint8Array(Math.min(limit, Math.max(source.length * 4, 1024)))
  let length = 0
  const reserve = (more: number): void => {
    if (length + more > limit) throw new RangeError('an LZ4 frame is longer than it says')
    if (length + more <= out.length) return
    const grown = new Uint8Array(Math.min(limit, Math.max(out.length * 2, length + more)))
    grown.set(out.subarray(0, length))
    out = grown
  }
  const literals = (from: number, count: number): void => {
    if (from + count > source.length) throw new RangeError('an LZ4 frame is cut')
    reserve(count)
    out.set(source.subarray(from, from + count), length)
    length += count
  }
  const repeat = (distance: number, count: number): void => {
    if (distance === 0 || distance > length) throw new RangeError('an LZ4 match points before the data')
    reserve(count)
    // A match may overlap what it makes, so it is copied from front to back.
    for (let i = 0; i < count; i++, length++) out[length] = out[length - distance] ?? 0
  }
  const block = (start: number, end: number): void => {
    let from = start
    const extended = (first: number): number => {
      let sum = first
      for (let byte = first === 15 ? 255 : 0; byte === 255; sum += byte) {
        if (from >= end) throw new RangeError('an LZ4 block is cut')
        byte = source[from++] ?? 0
      }
      return sum
    }
    while (from < end) {
      const token = source[from++] ?? 0
      const count = extended(token >>> 4)
      literals(from, count)
      from += count
      if (from >= end) return
      const distance = (source[from] ?? 0) | ((source[from + 1] ?? 0) << 8)
      from += 2
      repeat(distance, extended(token & 15) + 4)
    }
  }
  while (at + 4 <= source.length) {
    const size = view.getUint32(at, true)
    if (size === 0) return out.slice(0, length)
    const end = at + 4 + (size & 0x7fffffff)
    if (end > source.length) throw new RangeError('an LZ4 frame is cut')
    if (size >>> 31 === 1) literals(at + 4, size & 0x7fffffff)
    else block(at + 4, end)
    at = end + (blockChecksum ? 4 : 0)
  }
  throw new RangeError('an LZ4 frame has no end')
}
