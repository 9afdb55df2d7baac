import { TasterError } from './errors.ts'

const longest = 8 // bytes of a number

/** Whole numbers from 0 to 2^53 − 1, most of them small, in 7 bits a byte, the lowest first (LEB128). */
export function varints(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * longest)
  let at = 0
  for (let i = 0; i < values.length; i++) {
    let value = values[i] ?? 0
    if ((value & 127) === value) {
      bytes[at++] = value
      continue
    }
    if (!Number.isSafeInteger(value) || value < 0)
      throw new TasterError('INVARIANT_BROKEN', `not storable as a whole number: ${value}`)
    for (; value >= 2 ** 31; value = Math.floor(value / 128)) bytes[at++] = (value % 128) | 128
    for (; value >= 128; value >>>= 7) bytes[at++] = (value & 127) | 128
    bytes[at++] = value
  }
  return bytes.slice(0, at)
}

/** The inverse of `varints`. Throws BASELINE_CORRUPT unless the bytes are `length` numbers. */
export function fromVarints(bytes: Uint8Array, length: number): Float64Array {
  if (length > bytes.length) throw corrupt(length)
  const values = new Float64Array(length)
  let at = 0
  for (let i = 0; i < length; i++) {
    let byte = bytes[at++] ?? -1
    let value = byte & 127
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = bytes[at++] ?? -1
      value += (byte & 127) * scale
    }
    if (byte < 0 || value > Number.MAX_SAFE_INTEGER) throw corrupt(length)
    values[i] = value
  }
  if (at !== bytes.length) throw corrupt(length)
  return values
}

function corrupt(length: number): TasterError {
  return new TasterError('BASELINE_CORRUPT', `stored state cannot be read: bytes that are not ${length} whole numbers`)
}

/** Differences of ascending numbers, each to the one before, the first to 0. */
export function differences(ascending: ArrayLike<number>): Float64Array {
  const of = new Float64Array(ascending.length)
  let before = 0
  for (let i = 0; i < of.length; i++) {
    const value = ascending[i] ?? 0
    of[i] = value - before
    before = value
  }
  return of
}

/** The inverse of `differences`. */
export function sums(of: Float64Array): Float64Array {
  let sum = 0
  return of.map((each) => (sum += each))
}
