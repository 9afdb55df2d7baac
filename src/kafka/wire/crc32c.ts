// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78: RFC 3720, appendix B.4), eight bytes at a step by the
// slicing method of Kounavis and Berry (ISCC 2005): table n holds the remainders of a byte that n zero bytes follow.
const slices = 8
const table = new Uint32Array(slices * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1
  table[byte] = sum
}
for (let i = 256; i < table.length; i++) {
  const before = table[i - 256] ?? 0
  table[i] = (before >>> 8) ^ (table[before & 0xff] ?? 0)
}

/** CRC-32C of the bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  const t = table
  let sum = 0xffffffff
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low =
      sum ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24))
    sum =
      (t[1792 + (low & 0xff)] as number) ^
      (t[1536 + ((low >>> 8) & 0xff)] as number) ^
      (t[1280 + ((low >>> 16) & 0xff)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number)
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (t[(sum ^ (bytes[at] as number)) & 0xff] as number)
  return (sum ^ 0xffffffff) >>> 0
}
