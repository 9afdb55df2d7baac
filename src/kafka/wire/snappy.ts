import { Malformed } from './malformed.ts'

// The framing of snappy-java, which Kafka's Java clients use: a header of 16 bytes, then blocks that their length
// (uint32) precedes. Other clients write a bare Snappy block.
const javaMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const javaHeader = 16

/**
 * Decompresses what a Kafka client compressed with Snappy (format: github.com/google/snappy, format_description.txt).
 * Throws Malformed on other bytes, and before it allocates more than `limit` bytes.
 */
export function unsnappy(bytes: Buffer, limit: number): Buffer {
  const blocks = bytes.subarray(0, 8).equals(javaMagic) ? javaBlocks(bytes) : [bytes]
  const lengths = blocks.map(lengthOf)
  const length = lengths.reduce((sum, { value }) => sum + value, 0)
  if (length > limit) throw new Malformed(`it decompresses to more than ${limit} bytes`)
  const out = Buffer.alloc(length)
  let at = 0
  for (const [i, block] of blocks.entries()) {
    const { value, size } = lengths[i] ?? { value: 0, size: 0 }
    expand(block, size, out.subarray(at, at + value))
    at += value
  }
  return out
}

function javaBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = javaHeader; at < bytes.length;) {
    if (at + 4 > bytes.length) throw cut()
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw cut()
    blocks.push(bytes.subarray(at + 4, end))
    at = end
  }
  return blocks
}

/** The length of a block once decompressed, and the bytes that say so. */
function lengthOf(block: Buffer): { value: number; size: number } {
  let value = 0
  for (let size = 0; size < 5; size++) {
    const byte = block[size]
    if (byte === undefined) throw cut()
    value += (byte & 0x7f) * 2 ** (7 * size)
    if (byte < 0x80) return { value, size: size + 1 }
  }
  throw new Malformed('a Snappy block has no length')
}

function expand(block: Buffer, from: number, out: Buffer): void {
  let read = from
  let written = 0
  const little = (bytes: number): number => {
    if (read + bytes > block.length) throw cut()
    const value = block.readUIntLE(read, bytes)
    read += bytes
    return value
  }
  while (read < block.length) {
    const tag = block[read++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >>> 2
      const count = (short < 60 ? short : little(short - 59)) + 1
      if (read + count > block.length) throw cut()
      if (written + count > out.length) throw tooLong()
      out.set(block.subarray(read, read + count), written)
      read += count
      written += count
      continue
    }
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const distance = kind === 1 ? ((tag >>> 5) << 8) | little(1) : little(kind === 2 ? 2 : 4)
    if (distance === 0 || distance > written) throw new Malformed('a Snappy copy points before the data')
    if (written + count > out.length) throw tooLong()
    // A copy may overlap what it makes, so it goes from front to back.
    for (let i = 0; i < count; i++, written++) out[written] = out[written - distance] ?? 0
  }
  if (written !== out.length) throw cut()
}

const cut = () => new Malformed('Snappy data is cut')
const tooLong = () => new Malformed('a Snappy block is longer than it says')
