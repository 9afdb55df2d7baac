import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { setWord, words, type Counts } from './counts.ts'
import { ones } from './spread.ts'
import { corrupt } from './stored-corrupt.ts'

const buckets = 64
const mostListed = 3 // buckets: more are stored as the 64 bits that they are, first all of the lowest eight, then the next …

/** The buckets of sources of many subjects, given as two halves of 64 bits: how many (of many only that), and which. */
export function sourcesOf(low: Uint32Array, high: Uint32Array): { [name: string]: TypedArray } {
  const reached = new Uint8Array(low.length)
  const listed = new Uint8Array(mostListed * low.length)
  const wide = new Int32Array(low.length)
  let [atListed, atWide] = [0, 0]
  for (let row = 0; row < low.length; row++) {
    const [below, above] = [low[row] ?? 0, high[row] ?? 0]
    const count = ones(below) + ones(above)
    reached[row] = Math.min(count, mostListed + 1)
    if (count > mostListed) {
      wide[atWide++] = row
      continue
    }
    for (let left = below; left !== 0; left &= left - 1) listed[atListed++] = lowest(left)
    for (let left = above; left !== 0; left &= left - 1) listed[atListed++] = 32 + lowest(left)
  }
  const bits = new Uint8Array((buckets / 8) * atWide)
  for (let i = 0; i < atWide; i++) {
    const [below, above] = [low[wide[i] ?? 0] ?? 0, high[wide[i] ?? 0] ?? 0]
    for (let byte = 0; byte < 4; byte++) {
      bits[byte * atWide + i] = below >>> (8 * byte)
      bits[(4 + byte) * atWide + i] = above >>> (8 * byte)
    }
  }
  return { reached, listed: listed.slice(0, atListed), wide: bits }
}

/** Sets the buckets of these slots by what `sourcesOf` made of them. Throws BASELINE_CORRUPT on anything else. */
export function readSources(unpacked: Unpacked, counts: Counts, order: Int32Array): void {
  const reached = arrayOf(unpacked, 'reached', 'Uint8Array', order.length)
  const listed = arrayOf(unpacked, 'listed', 'Uint8Array')
  const wide = reached.reduce((sum, each) => sum + (each > mostListed ? 1 : 0), 0)
  const bits = arrayOf(unpacked, 'wide', 'Uint8Array', (buckets / 8) * wide)
  let [atListed, atWide] = [0, 0]
  for (let row = 0; row < order.length; row++) {
    const slot = order[row] ?? 0
    let [low, high] = [0, 0]
    if ((reached[row] ?? 0) > mostListed) {
      for (let byte = 0; byte < 4; byte++) {
        low |= (bits[byte * wide + atWide] ?? 0) << (8 * byte)
        high |= (bits[(4 + byte) * wide + atWide] ?? 0) << (8 * byte)
      }
      atWide++
    } else {
      for (const end = atListed + (reached[row] ?? 0); atListed < end; atListed++) {
        const bucket = listed[atListed] ?? buckets
        if (bucket >= buckets) throw corrupt()
        if (bucket < 32) low |= 1 << bucket
        else high |= 1 << (bucket - 32)
      }
    }
    if (Math.min(ones(low) + ones(high), mostListed + 1) !== reached[row]) throw corrupt()
    setWord(counts, slot, words.low, low)
    setWord(counts, slot, words.high, high)
  }
  if (atListed !== listed.length) throw corrupt()
}

const lowest = (bits: number) => 31 - Math.clz32(bits & -bits)
