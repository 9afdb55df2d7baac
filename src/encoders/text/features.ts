import type { Features } from '../../core/encoded.ts'
import { mix32 } from '../../core/hash.ts'
import { createCollector } from '../features/collector.ts'
import { createTokens, tokenize, type Tokens } from './tokens.ts'

// What a feature is: mixed into its id, so that a word, the same word at the start and a phrase never share one.
const opening = 0x6f70656e
const phrase = 0x70687261

/**
 * Words, pairs of neighbouring words, the first word and the first pair of each text, of its first `limit` tokens.
 * `salt` sets the ids: from the seed, so that nobody outside can build two words that share one.
 */
export function textFeatures(texts: readonly string[], limit: number, salt: number): Features {
  const tokens = createTokens(limit)
  const collector = createCollector(texts.length)
  for (const text of texts) {
    tokenize(text.toLowerCase(), tokens)
    eachFeature(tokens, salt, collector.add)
    collector.endRow()
  }
  return collector.features()
}

/** The name of a feature of one text for people: `word "cf"`, `phrase "i watch"`, `first words "when it"`. */
export function textFeatureName(text: string, limit: number, salt: number, feature: number): string | undefined {
  const lowered = text.toLowerCase()
  const tokens = createTokens(limit)
  tokenize(lowered, tokens)
  let name: string | undefined
  eachFeature(tokens, salt, (id, kind, from, to) => {
    if (name === undefined && id === feature) name = `${kind} ${quoted(lowered, tokens, from, to)}`
  })
  return name
}

function eachFeature(
  tokens: Tokens,
  salt: number,
  visit: (id: number, kind: string, from: number, to: number) => void,
): void {
  let before = 0
  for (let i = 0; i < tokens.count; i++) {
    const id = mix32(mix32(salt, tokens.low[i] ?? 0), tokens.high[i] ?? 0)
    visit(id, 'word', i, i)
    if (i === 0) visit(mix32(id, opening), 'first word', 0, 0)
    else {
      const pair = mix32(mix32(before, id), phrase)
      visit(pair, 'phrase', i - 1, i)
      if (i === 1) visit(mix32(pair, opening), 'first words', 0, 1)
    }
    before = id
  }
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
