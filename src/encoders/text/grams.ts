import { mix32 } from '../../core/hash.ts'
import { createTokens, tokenize, type Tokens } from './tokens.ts'

/** Which n-grams of a text are counted. Lengths are in words and in UTF-16 units. */
export interface GramRange {
  readonly words: number // word n-grams of 1 … words words; 0: none
  readonly shortest: number // character n-grams of shortest … longest; longest 0: none
  readonly longest: number
  readonly tokens: number // words of a text, from its start
  readonly characters: number // characters of a text, from its start
}

/** Hashed n-gram counts of one text after another, in storage that is used again. */
export interface GramCounts {
  readonly counts: Uint32Array // by bucket
  readonly touched: Int32Array // buckets of the current text, in order of first occurrence
  used: number
  readonly range: GramRange
  readonly tokens: Tokens
  readonly hashes: Uint32Array
}

export function createGramCounts(buckets: number, range: GramRange): GramCounts {
  return {
    counts: new Uint32Array(buckets),
    touched: new Int32Array(buckets),
    used: 0,
    range,
    tokens: createTokens(range.tokens),
    hashes: new Uint32Array(range.tokens),
  }
}

/**
 * Counts the n-grams of a text into a power of two of buckets; what the text before left is cleared. Character n-grams
 * run over the lower-cased text between two spaces, with every stretch of white space as one space.
 */
export function countGrams(text: string, salt: number, into: GramCounts): void {
  for (let i = 0; i < into.used; i++) into.counts[into.touched[i] ?? 0] = 0
  into.used = 0
  const lowered = text.slice(0, into.range.characters).toLowerCase()
  if (into.range.words > 0) countWords(lowered, salt, into)
  if (into.range.longest > 0) countCharacters(lowered, mix32(salt, 1), into)
}

function count(into: GramCounts, hash: number): void {
  const bucket = hash & (into.counts.length - 1)
  const seen = into.counts[bucket] ?? 0
  if (seen === 0) into.touched[into.used++] = bucket
  into.counts[bucket] = seen + 1
}

function countWords(lowered: string, salt: number, into: GramCounts): void {
  const { tokens, hashes, range } = into
  tokenize(lowered, tokens)
  for (let i = 0; i < tokens.count; i++) {
    hashes[i] = mix32(mix32(salt, tokens.low[i] ?? 0), tokens.high[i] ?? 0)
    let gram = hashes[i] ?? 0
    count(into, gram)
    for (let back = 1; back < range.words && back <= i; back++) {
      gram = mix32(gram, hashes[i - back] ?? 0)
      count(into, gram)
    }
  }
}

function countCharacters(lowered: string, salt: number, into: GramCounts): void {
  const { shortest, longest } = into.range
  // The last `longest` characters, oldest first: each new one ends a gram of every length.
  const last = new Uint16Array(longest)
  let length = 0
  const push = (code: number) => {
    if (code === 0x20 && length > 0 && last[longest - 1] === 0x20) return
    last.copyWithin(0, 1)
    last[longest - 1] = code
    length++
    let hash = salt
    for (let size = 1; size <= longest && size <= length; size++) {
      hash = Math.imul(hash ^ (last[longest - size] ?? 0), 0x5bd1e995)
      hash ^= hash >>> 15
      if (size >= shortest) count(into, mix32(hash, size))
    }
  }
  push(0x20)
  for (let i = 0; i < lowered.length; i++) {
    const code = lowered.charCodeAt(i)
    push(code <= 0x20 || code === 0xa0 || code === 0x3000 || code === 0x2028 || code === 0x2029 ? 0x20 : code)
  }
  push(0x20)
}
