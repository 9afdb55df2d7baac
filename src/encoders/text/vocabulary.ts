import type { Assets } from '../../core/encoder.ts'
import { TasterError } from '../../core/errors.ts'
import { createTokens, hashToken } from './tokens.ts'

/** Word vectors in int8 with one scale a word, most frequent word first. */
export interface Vocabulary {
  readonly words: number
  readonly dims: number
  readonly vectors: Int8Array // words × dims
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

  // Open addressing at a load of at most a half.
  const size = 2 ** Math.ceil(Math.log2(words * 2))
  const lows = new Uint32Array(size)
  const highs = new Uint32Array(size)
  const ranks = new Int32Array(size).fill(-1)
  const slotOf = (low: number, high: number) => {
    let slot = low & (size - 1)
    while (ranks[slot] !== -1 && (lows[slot] !== low || highs[slot] !== high)) slot = (slot + 1) & (size - 1)
    return slot
  }
  const token = createTokens(1)
  list.forEach((word, rank) => {
    hashToken(word, token)
    const low = token.low[0] ?? 0
    const high = token.high[0] ?? 0
    const slot = slotOf(low, high)
    if (ranks[slot] !== -1) return // ’ and ' are one token: the more frequent keeps it
    lows[slot] = low
    highs[slot] = high
    ranks[slot] = rank
  })
  return { words, dims, vectors, scales, rankOf: (low, high) => ranks[slotOf(low, high)] ?? -1 }
}

function file(assets: Assets, name: string): Uint8Array {
  const bytes = assets.get(name)
  if (bytes === undefined)
    throw new TasterError('BASELINE_CORRUPT', `asset file ${name} is missing. Install Taster again`)
  return bytes
}
