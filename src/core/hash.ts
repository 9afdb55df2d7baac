/** 32-bit MurmurHash3 (x86 variant) of a string's UTF-16 code units, two a block. Not for secrets. */
export function hash32(text: string, seed = 0): number {
  let h = seed | 0
  const { length } = text
  let i = 0
  for (; i + 1 < length; i += 2) {
    h ^= scramble(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16))
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  if (i < length) h ^= scramble(text.charCodeAt(i))
  return finish(h ^ (length * 2))
}

/** Mixes a number into a hash: for features that are made of parts. */
export function mix32(hash: number, value: number): number {
  let h = hash ^ scramble(value)
  h = (h << 13) | (h >>> 19)
  return finish((Math.imul(h, 5) + 0xe6546b64) | 0)
}

/** The number that `mix32` mixed into a hash to give `mixed`: for a hash, it gives different numbers different ones. */
export function unmix32(hash: number, mixed: number): number {
  let h = unfinish(mixed)
  h = Math.imul(h - 0xe6546b64, 0xcccccccd) // the inverse of 5
  h = (h >>> 13) | (h << 19)
  return unscramble(h ^ hash)
}

function scramble(k: number): number {
  k = Math.imul(k, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  return Math.imul(k, 0x1b873593)
}

function finish(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

// Each step of the two above has an inverse: a rotation the other way, a product by the inverse of an odd factor modulo 2^32.

function unscramble(k: number): number {
  k = Math.imul(k, 0x56ed309b)
  k = (k >>> 15) | (k << 17)
  return Math.imul(k, 0xdee13bb1) >>> 0
}

function unfinish(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x7ed1b41d)
  h ^= (h >>> 13) ^ (h >>> 26)
  h = Math.imul(h, 0xa5cb9243)
  return h ^ (h >>> 16)
}
