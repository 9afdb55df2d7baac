/**
 * A WebAssembly module (core specification 2.0, with SIMD) of one function, s(places, factors, pairs, groups, into), on a
 * memory that it imports as "m" "m". It adds up vectors of int8, each times an int16, in int32:
 *
 *   for each group of eight dimensions
 *     low = high = 0
 *     for each pair of vectors a, b with factors f, g
 *       low += (a₀f + b₀g, …, a₃f + b₃g); high += (a₄f + b₄g, …, a₇f + b₇g)
 *     into ← low, high
 *
 * places: where the vectors begin, two int32 a pair; factors: two int16 a pair; into: int32. All three are addresses in
 * bytes. There is at least one pair and one group.
 */
export function sumKernel(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...preamble,
    ...section(1, [1, 0x60, 5, i32, i32, i32, i32, i32, 0]), // one type: five numbers, no result
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]), // import "m" "m": a memory of a page or more
    ...section(3, [1, 0]), // one function of that type
    ...section(7, [1, 1, 0x73, 0, 0]), // exported as "s"
    ...section(10, [1, ...sized([2, 4, i32, 3, v128, ...code(), end])]), // its locals and its code
  ])
}

function code(): number[] {
  const [places, factors, pairs, groups, into] = [0, 1, 2, 3, 4] // parameters
  const [place, factor, left, offset] = [5, 6, 7, 8] // offset: of the group within a vector, in bytes
  const [low, high, ab] = [9, 10, 11]
  const half = (at: number) => [...get(place), ...load32(at), ...get(offset), ...add, ...load64]
  const summed = (sum: number, extend: number[]) =>
    [get(sum), get(ab), extend, get(factor), load32(0), splat, dot, addLanes, set(sum)].flat()
  const pair = [
    [...half(0), ...half(4), ...interleave, ...set(ab)],
    [...summed(low, extendLow), ...summed(high, extendHigh)],
    [...increased(place, 8), ...increased(factor, 4), ...increased(left, -1), ...get(left)],
  ].flat()
  const group = [
    [...zero, ...set(low), ...zero, ...set(high)],
    [...get(places), ...set(place), ...get(factors), ...set(factor), ...get(pairs), ...set(left)],
    untilZero(pair),
    [...get(into), ...get(low), ...store(0), ...get(into), ...get(high), ...store(16)],
    [...increased(into, 32), ...increased(offset, 8), ...increased(groups, -1), ...get(groups)],
  ].flat()
  return untilZero(group)
}

const preamble = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] // "\0asm", version 1
const i32 = 0x7f
const v128 = 0x7b
const end = 0x0b

/** Unsigned LEB128. */
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)])
const sized = (bytes: readonly number[]) => [...leb(bytes.length), ...bytes]
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)]

const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const add = [0x6a]
const load32 = (at: number) => [0x28, 2, at]
/** Adds a number from −64 to 63 to a local. */
const increased = (local: number, by: number) => [...get(local), 0x41, by & 127, ...add, ...set(local)]
/** loop … br_if 0 end: again while what the code leaves is not 0. */
const untilZero = (repeated: readonly number[]) => [0x03, 0x40, ...repeated, 0x0d, 0, end]

const simd = (operation: number, ...rest: readonly number[]) => [0xfd, ...leb(operation), ...rest]
const load64 = simd(0x5d, 0, 0) // v128.load64_zero
const store = (at: number) => simd(0x0b, 0, at) // v128.store
const zero = simd(0x0c, ...Array.from({ length: 16 }, () => 0)) // v128.const
const interleave = simd(0x0d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23) // i8x16.shuffle
const splat = simd(0x11) // i32x4.splat: two int16, four times
const extendLow = simd(0x87) // i16x8.extend_low_i8x16_s
const extendHigh = simd(0x88) // i16x8.extend_high_i8x16_s
const addLanes = simd(0xae) // i32x4.add
const dot = simd(0xba) // i32x4.dot_i16x8_s
