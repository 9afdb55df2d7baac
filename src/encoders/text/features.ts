import type { Features } from '../../core/encoded.ts'
import { mix32 } from '../../core/hash.ts'
import { createCollector } from '../features/collector.ts'
import { tokensOf, type BatchTokens } from './batch-tokens.ts'
import { createTokens, tokenize, type Tokens } from './tokens.ts'

// What a feature is: mixed into its id, so that a word, the same word at the start and a phrase never share one.
const opening = 0x6f70656e
const phrase = 0x70687261

/**
 * Words, pairs of neighbouring words, the first word and the first pair of each text, of its first `limit` tokens.
 * `salt` sets the ids: from the seed, so that nobody outside can build two words that share one.
 */
export function textFeatures(texts: readonly string[], limit: number, salt: number): Features {
  const tokens = tokensOf(texts, limit)
  const collector = createCollector(texts.length, 2 * tokens.low.length + texts.length)
  let ids = new Uint32Array(1024)
  for (let row = 0; row < texts.length; row++) {
    const from = tokens.offsets[row] ?? 0
    const to = tokens.offsets[row + 1] ?? 0
    if (ids.length < mostFeatures(to - from)) ids = new Uint32Array(2 * mostFeatures(to - from))
    collector.addRow(ids, featureIds(tokens, from, to, salt, ids))
  }
  return collector.features()
}

/** The name of a feature of one text for people: `word "cf"`, `phrase "i watch"`, `first words "when it"`. */
export function textFeatureName(text: string, limit: number, salt: number, feature: number): string | undefined {
  const lowered = text.toLowerCase()
  const tokens = createTokens(limit)
  tokenize(lowered, tokens)
  const ids = new Uint32Array(mostFeatures(tokens.count))
  const place = ids.subarray(0, featureIds(tokens, 0, tokens.count, salt, ids)).indexOf(feature)
  if (place < 0) return undefined
  const { kind, from, to } = placeOf(place)
  return `${kind} ${quoted(lowered, tokens, from, to)}`
}

const mostFeatures = (tokens: number) => 2 * tokens + 1

/** Writes the features of a text's tokens from … to, in the order that `placeOf` names them, and returns their number. */
function featureIds(
  { low, high }: Pick<BatchTokens, 'low' | 'high'>,
  from: number,
  to: number,
  salt: number,
  ids: Uint32Array,
): number {
  let count = 0
  let before = 0
  for (let at = from; at < to; at++) {
    const id = mix32(mix32(salt, low[at] ?? 0), high[at] ?? 0)
    ids[count++] = id
    if (at === from) ids[count++] = mix32(id, opening)
    else {
      const pair = mix32(mix32(before, id), phrase)
      ids[count++] = pair
      if (at === from + 1) ids[count++] = mix32(pair, opening)
    }
    before = id
  }
  return count
}

/** What the feature at a place is, and of which tokens: two features a token, and one more of the second. */
function placeOf(place: number): { readonly kind: string; readonly from: number; readonly to: number } {
  if (place === 1) return { kind: 'first word', from: 0, to: 0 }
  if (place === 4) return { kind: 'first words', from: 0, to: 1 }
  const token = place < 4 ? place >> 1 : (place - 1) >> 1
  const isWord = place < 4 ? place % 2 === 0 : place % 2 === 1
  return isWord ? { kind: 'word', from: token, to: token } : { kind: 'phrase', from: token - 1, to: token }
}

/** Tokens as they stand, cut where they are long, with what cannot be seen written as its code point. */
function quoted(lowered: string, tokens: Tokens, from: number, to: number): string {
  const words: string[] = []
  for (let i = from; i <= to; i++) {
    const word = lowered.slice(tokens.start[i], tokens.end[i])
    words.push(word.length > 64 ? `${word.slice(0, 64)}…` : word)
  }
  const shown = words
    .join(' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${shown}"`
}
