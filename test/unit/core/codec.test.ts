import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayOf, pack, unpack, type TypedArray } from '../../../src/core/codec.ts'
import { TasterError } from '../../../src/core/errors.ts'

const sample = () =>
  pack({
    json: { name: 'é\ud800\u2028', list: [1, null, true, -1e-300], constructor: { toString: 1 } },
    arrays: { a: Float64Array.of(NaN, -0, Infinity, 1e-320), b: Uint8Array.of(1, 2, 3), c: new Int8Array(0) },
  })

function readable(bytes: Uint8Array): boolean {
  try {
    unpack(bytes)
    return true
  } catch (error) {
    if (!(error instanceof TasterError)) throw error
    return false
  }
}

describe('pack and unpack', () => {
  it('gives back every value and every bit', () => {
    const arrays: { [name: string]: TypedArray } = {
      f64: Float64Array.of(NaN, -0, Infinity, 5e-324),
      f32: Float32Array.of(1.5, -0, NaN),
      i32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 7),
      u32: Uint32Array.of(2 ** 32 - 1),
      u16: Uint16Array.of(65535, 1, 2),
      u8: Uint8Array.of(255, 0, 1, 2, 3),
      i8: Int8Array.of(-128),
      none: new Float64Array(0),
    }
    const json = { text: 'é\ud800\u2028"\\', list: [1, null, true, [], {}], deep: { constructor: 1 } }
    const back = unpack(pack({ json, arrays }))
    expect(back.json).toStrictEqual(json)
    expect([...back.arrays.keys()]).toEqual(Object.keys(arrays))
    for (const [name, array] of Object.entries(arrays)) {
      const got = back.arrays.get(name)
      expect(got).toStrictEqual(array)
      expect(new Uint8Array(got?.buffer ?? new ArrayBuffer(0))).toEqual(new Uint8Array(array.buffer))
    }
  })

  it('packs a view of a larger buffer, and reads from an unaligned one', () => {
    const view = new Float64Array([1, 2, 3, 4]).subarray(1, 3)
    const packed = pack({ json: null, arrays: new Map([['v', view]]) })
    const shifted = new Uint8Array(packed.length + 3)
    shifted.set(packed, 3)
    expect(unpack(shifted.subarray(3)).arrays.get('v')).toEqual(Float64Array.of(2, 3))
  })

  it('gives the same bytes for the same value', () => {
    expect(sample()).toEqual(sample())
  })

  it.each([[NaN], [-0], [undefined], [1n], [() => 1], [new Date()], [new Map()], [{ a: undefined }], [[Infinity]]])(
    'refuses to pack %s, which would not come back',
    (json) => {
      expect(() => pack({ json, arrays: {} })).toThrow(/not storable/)
    },
  )

  it('refuses a key __proto__ both ways', () => {
    expect(() => pack({ json: JSON.parse('{"__proto__":1}'), arrays: {} })).toThrow(/__proto__/)
    const bytes = pack({ json: { __prxto__: 1 }, arrays: {} })
    bytes[bytes.indexOf('x'.charCodeAt(0))] = 'o'.charCodeAt(0)
    expect(new TextDecoder().decode(bytes)).toContain('__proto__')
    expect(readable(bytes)).toBe(false)
  })

  it('refuses JSON that is nested too deep, instead of overflowing the stack', () => {
    let json: unknown = 1
    for (let i = 0; i < 100_000; i++) json = [json]
    expect(() => pack({ json, arrays: {} })).toThrow(/nesting/)
  })

  it('refuses bytes that were cut or extended anywhere', () => {
    const bytes = sample()
    for (let length = 0; length < bytes.length; length++) expect(readable(bytes.slice(0, length))).toBe(false)
    for (const extra of [1, 4, 8]) {
      expect(readable(new Uint8Array([...bytes, ...new Uint8Array(extra)]))).toBe(false)
    }
  })

  it('never throws anything but its own error on arbitrary bytes', () => {
    const bytes = sample()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const hurt = bytes.slice()
          for (const [at, to] of flips) hurt[at] = to
          expect(typeof readable(hurt)).toBe('boolean')
        },
      ),
      { seed: 1, numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => !readable(noise)),
      { seed: 1 },
    )
  })
})

describe('arrayOf', () => {
  const unpacked = unpack(sample())

  it('gives an array of the asked type and length', () => {
    expect(arrayOf(unpacked, 'b', 'Uint8Array', 3)).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('refuses another name, type or length', () => {
    expect(() => arrayOf(unpacked, 'd', 'Uint8Array')).toThrow(/no Uint8Array named d/)
    expect(() => arrayOf(unpacked, 'b', 'Int8Array')).toThrow(TasterError)
    expect(() => arrayOf(unpacked, 'b', 'Uint8Array', 4)).toThrow(/holds 3 numbers where 4 belong/)
  })
})
