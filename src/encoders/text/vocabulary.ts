import type { Assets } from '../../core/encoder.ts'
import { TasterError } from '../../core/errors.ts'
import { openSums, type Sums } from './sum-vectors.ts'
import { createTokens, hashToken } from './tokens.ts'

/** Word vectors in int8 with one scale a word, most frequent word first. */
export interface Vocabulary {
  readonly words: number
  readonly dims: number
  readonly vectors: Int8Array // words × dims
  readonly sums: Sums // of the vectors, by the words' ranks
  readonly scales: Float32Array // words
  /** The rank of a word by the two halves of its token's hash, or -1. */
  readonly rankOf: (low: number, high: number) => number
}

const parsed = new WeakMap<Assets, Vocabulary>()

/** The vocabulary `name` of an asset folder; read once for as long as the assets live. */
export function vocabularyOf(assets: Assets, name: string): Vocabulary {
  const known = parsed.get(assets)
  if (known !== undefined) return known
  const vocabulary = parse(assets, name)
  parsed.set(assets, vocabulary)
  return vocabulary
}

function parse(assets: Assets, name: string): Vocabulary {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(file(assets, `${name}.vocab.txt`))
  const list = text.split('\n')
  if (list.at(-1) === '') list.pop()
  const scales = new Float32Array(file(assets, `${name}.scale.f32`).slice().buffer)
  const vectors = new Int8Array(file(assets, `${name}.i8`).slice().buffer)
  const words = list.length
  const dims = vectors.length / words
  if (words === 0 || scales.length !== words || !Number.isInteger(dims) || dims === 0) {
    throw new TasterError(
      'BASELINE_CORRUPT',
      `asset ${name}: ${words} words, ${scales.length} scales and ${vectors.length} numbers do not fit together. Install Taster again`,
    )
  }

  return { words, dims, vectors, sums: openSums(vectors, dims), scales, rankOf: rankIndex(list) }
}

const stride = 4 // of the index: low, high, rank + 1 (0: free), nothing; no entry crosses a cache line

/** Open addressing at a load of at most a half. */
function rankIndex(list: readonly string[]): Vocabulary['rankOf'] {
  const size = 2 ** Math.ceil(Math.log2(list.length * 2))
  const index = new Uint32Array(size * stride)
  const placeOf = (low: number, high: number) => {
    let place = (low & (size - 1)) * stride
    while (index[place + 2] !== 0 && (index[place] !== low || index[place + 1] !== high)) {
      place = (place + stride) & (size * stride - 1)
    }
    return place
  }
  const token = createTokens(1)
  list.forEach((word, rank) => {
    hashToken(word, token)
    const low = token.low[0] ?? 0
    const high = token.high[0] ?? 0
    const place = placeOf(low, high)
    if (index[place + 2] !== 0) return // ’ and ' are one token: the more frequent keeps it
    index[place] = low
    index[place + 1] = high
    index[place + 2] = rank + 1
  })
  return (low, high) => (index[placeOf(low, high) + 2] ?? 0) - 1
}

function file(assets: Assets, name: string): Uint8Array {
  const bytes = assets.get(name)
  if (bytes === undefined)
    throw new TasterError('BASELINE_CORRUPT', `asset file ${name} is missing. Install Taster again`)
  return bytes
}
