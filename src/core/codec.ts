import { TasterError } from './errors.ts'

/**
 * One small binary container for everything that is stored: a JSON header beside typed arrays.
 * Layout: magic number and header length (uint32 each, in the byte order of the machine, so that bytes from a machine
 * of the other order are refused rather than misread), header, then each array; all parts start on multiples of 8.
 */
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array
export type TypeName = keyof typeof types

export interface Packable {
  readonly json: unknown // null, booleans, finite numbers, strings, arrays and plain objects of these, 64 deep at most
  readonly arrays: { readonly [name: string]: TypedArray } | ReadonlyMap<string, TypedArray>
}

export interface Unpacked {
  readonly json: unknown
  readonly arrays: ReadonlyMap<string, TypedArray>
}

const types = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Uint16Array,
  Uint8Array,
  Int8Array,
} as const

const magic = 0x314b5054 // "TPK1" where the least significant byte comes first
const deepest = 64

const align = (n: number) => Math.ceil(n / 8) * 8

/** Throws InvariantError on a value that would not come back exactly as it is (NaN, undefined, a class instance …). */
export function pack(value: Packable): Uint8Array {
  assertPlain(value.json, 0, 'INVARIANT_BROKEN')
  const arrays = value.arrays instanceof Map ? [...value.arrays] : Object.entries(value.arrays)
  const header = new TextEncoder().encode(
    JSON.stringify({ json: value.json, arrays: arrays.map(([name, array]) => [name, typeOf(array), array.length]) }),
  )
  let size = align(8 + header.length)
  for (const [, array] of arrays) size = align(size + array.byteLength)

  const bytes = new Uint8Array(size)
  new Uint32Array(bytes.buffer, 0, 2).set([magic, header.length])
  bytes.set(header, 8)
  let at = align(8 + header.length)
  for (const [, array] of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at = align(at + array.byteLength)
  }
  return bytes
}

/** The inverse of `pack`; arrays are copies. Throws BASELINE_CORRUPT on anything that `pack` did not make. */
export function unpack(bytes: Uint8Array): Unpacked {
  if (bytes.length < 8 || bytes.length % 8 !== 0) throw corrupt('its length is not a multiple of 8')
  const copy = bytes.slice()
  const [first, length = 0] = new Uint32Array(copy.buffer, 0, 2)
  if (first !== magic) throw corrupt('it does not begin as one')
  if (length > bytes.length - 8) throw corrupt('its header is cut')
  const header = parse(copy.subarray(8, 8 + length))
  let at = skipPadding(copy, 8 + length)

  const arrays = new Map<string, TypedArray>()
  for (const entry of header.arrays) {
    if (!Array.isArray(entry) || entry.length !== 3) throw corrupt('its list of arrays is malformed')
    const [name, type, size] = entry as unknown[]
    if (typeof name !== 'string' || arrays.has(name)) throw corrupt('an array has no name, or one that is taken')
    if (typeof type !== 'string' || !Object.hasOwn(types, type)) throw corrupt(`array ${name} has an unknown type`)
    const make = types[type as TypeName]
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw corrupt(`array ${name} has no length`)
    const end = at + size * make.BYTES_PER_ELEMENT
    if (end > copy.length) throw corrupt(`array ${name} is cut`)
    arrays.set(name, new make(copy.buffer.slice(at, end)))
    at = skipPadding(copy, end)
  }
  if (at !== copy.length) throw corrupt('bytes follow its last array')
  return { json: header.json, arrays }
}

/** An array by name and type, of exactly `length` elements where one is given. Throws BASELINE_CORRUPT otherwise. */
export function arrayOf<T extends TypeName>(
  unpacked: Unpacked,
  name: string,
  type: T,
  length?: number,
): InstanceType<(typeof types)[T]> {
  const array = unpacked.arrays.get(name)
  if (array === undefined || typeOf(array) !== type) throw corrupt(`it has no ${type} named ${name}`)
  if (length !== undefined && array.length !== length) {
    throw corrupt(`array ${name} holds ${array.length} numbers where ${length} belong`)
  }
  return array as InstanceType<(typeof types)[T]>
}

const typeOf = (array: TypedArray) => array[Symbol.toStringTag]

function corrupt(why: string): TasterError {
  return new TasterError(
    'BASELINE_CORRUPT',
    `stored state cannot be read: ${why}. Restore it from a copy, or fit the baseline again`,
  )
}

function parse(bytes: Uint8Array): { json: unknown; arrays: readonly unknown[] } {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw corrupt('its header is not JSON')
  }
  assertPlain(header, -1, 'BASELINE_CORRUPT')
  if (header === null || typeof header !== 'object' || Object.keys(header).join() !== 'json,arrays') {
    throw corrupt('its header is malformed')
  }
  const { json, arrays } = header as { json: unknown; arrays: unknown }
  if (!Array.isArray(arrays)) throw corrupt('its list of arrays is malformed')
  return { json, arrays }
}

function skipPadding(bytes: Uint8Array, from: number): number {
  const to = align(from)
  for (let i = from; i < to; i++) if (bytes[i] !== 0) throw corrupt('bytes stand between its parts')
  return to
}

// A key `__proto__` is refused both ways: JSON.parse makes an own property of it, which a later Object.assign would
// turn into a prototype. Keys that come from data belong in arrays of pairs.
function assertPlain(value: unknown, depth: number, code: 'INVARIANT_BROKEN' | 'BASELINE_CORRUPT'): void {
  const fail = (what: string) =>
    code === 'BASELINE_CORRUPT' ? corrupt(what) : new TasterError(code, `not storable: ${what}`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw fail(`the number ${Object.is(value, -0) ? '-0' : value}`)
    return
  }
  if (typeof value !== 'object') throw fail(`a value of type ${typeof value}`)
  if (depth >= deepest) throw fail(`nesting of more than ${deepest} levels`)
  if (Array.isArray(value)) {
    for (const item of value) assertPlain(item, depth + 1, code)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw fail('an object that is not plain')
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw fail('a key named __proto__')
    assertPlain(item, depth + 1, code)
  }
}
