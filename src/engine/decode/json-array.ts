import { Fault } from './table.ts'

/**
 * The bytes of each element of a JSON array, which begins at its first bracket. Brackets and strings are told apart,
 * nothing is parsed; where the array is broken the last element is a fault. One pass, no recursion.
 */
export function* elementsOf(value: Uint8Array): Generator<Uint8Array | Fault> {
  let start = value.indexOf(0x5b) + 1
  let depth = 0
  let inString = false
  let isFirst = true
  for (let i = start; i < value.length; i++) {
    const byte = value[i] ?? 0
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (depth > 0) {
      if (byte === 0x7d || byte === 0x5d) depth--
    } else if (byte === 0x2c) {
      yield value.subarray(start, i)
      start = i + 1
      isFirst = false
    } else if (byte === 0x5d) {
      const last = value.subarray(start, i)
      if (!isFirst || !isBlank(last)) yield last
      if (!isBlank(value.subarray(i + 1))) yield new Fault('BYTES_MALFORMED', 'bytes follow the end of the JSON array')
      return
    }
  }
  yield new Fault('BYTES_MALFORMED', 'the JSON array has no end')
}

function isBlank(bytes: Uint8Array): boolean {
  return !bytes.some((byte) => byte > 32)
}
