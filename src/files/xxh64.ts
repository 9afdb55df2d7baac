/**
 * XXH64 with seed 0 of bytes that come in chunks, as in the xxHash specification, "XXH64 algorithm description". zstd
 * keeps the low 32 bits of it behind a frame.
 */
export interface Xxh64 {
  update(bytes: Uint8Array): void
  low32(): number
}

const p1 = 0x9e3779b185ebca87n
const p2 = 0xc2b2ae3d27d4eb4fn
const p3 = 0x165667b19e3779f9n
const p4 = 0x85ebca77c2b2ae63n
const p5 = 0x27d4eb2f165667c5n

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)
const rotate = (value: bigint, by: bigint): bigint => u64(u64(value << by) | (value >> (64n - by)))
const round = (lane: bigint, word: bigint): bigint => u64(rotate(u64(lane + u64(word * p2)), 31n) * p1)
const merge = (hash: bigint, lane: bigint): bigint => u64(u64(hash ^ round(0n, lane)) * p1 + p4)

export function xxh64(): Xxh64 {
  const lanes = new BigUint64Array([u64(p1 + p2), p2, 0n, u64(-p1)])
  const held = new Uint8Array(32)
  let heldBytes = 0
  let total = 0

  const stripes = (bytes: Uint8Array, from: number, to: number): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
    for (let at = from; at < to; at += 32) {
      a = round(a, view.getBigUint64(at, true))
      b = round(b, view.getBigUint64(at + 8, true))
      c = round(c, view.getBigUint64(at + 16, true))
      d = round(d, view.getBigUint64(at + 24, true))
    }
    lanes.set([a, b, c, d])
  }

  return {
    update(bytes) {
      total += bytes.length
      let at = 0
      if (heldBytes > 0) {
        at = Math.min(32 - heldBytes, bytes.length)
        held.set(bytes.subarray(0, at), heldBytes)
        heldBytes += at
        if (heldBytes < 32) return
        stripes(held, 0, 32)
        heldBytes = 0
      }
      const end = at + Math.floor((bytes.length - at) / 32) * 32
      stripes(bytes, at, end)
      held.set(bytes.subarray(end))
      heldBytes = bytes.length - end
    },
    low32() {
      const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
      let hash = p5
      if (total >= 32) {
        hash = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n))
        for (const lane of lanes) hash = merge(hash, lane)
      }
      hash = u64(hash + BigInt(total))
      const view = new DataView(held.buffer)
      let at = 0
      for (; at + 8 <= heldBytes; at += 8)
        hash = u64(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4)
      if (at + 4 <= heldBytes) {
        hash = u64(rotate(hash ^ u64(BigInt(view.getUint32(at, true)) * p1), 23n) * p2 + p3)
        at += 4
      }
      for (; at < heldBytes; at++) hash = u64(rotate(hash ^ u64(BigInt(held[at] ?? 0) * p5), 11n) * p1)
      hash = u64((hash ^ (hash >> 33n)) * p2)
      hash = u64((hash ^ (hash >> 29n)) * p3)
      return Number(BigInt.asUintN(32, hash ^ (hash >> 32n)))
    },
  }
}
