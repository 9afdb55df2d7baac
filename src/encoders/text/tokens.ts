/**
 * Tokens of one text, as columns that are used again for the next. A token is a 64-bit hash in two halves, so that
 * reading text makes no strings; start and end are its place in the lower-cased text.
 */
export interface Tokens {
  count: number
  readonly low: Uint32Array
  readonly high: Uint32Array
  readonly start: Int32Array
  readonly end: Int32Array
}

export function createTokens(limit: number): Tokens {
  return {
    count: 0,
    low: new Uint32Array(limit),
    high: new Uint32Array(limit),
    start: new Int32Array(limit),
    end: new Int32Array(limit),
  }
}

const space = 1
const word = 2
const mark = 3 // punctuation, symbols, control and format characters: a run of the same one is a token
const single = 4 // scripts written without spaces: each character is a token
const longest = 64 // UTF-16 units of a token that are hashed; tokens that agree so far count as the same
const apostrophe = 0x27

// Clitics are split from their word as in the Penn Treebank: it 's, they 're, do n't.
const clitics = new Set(["'s", "'re", "'ve", "'ll", "'d", "'m", "n't"])

/**
 * Splits a lower-cased text into at most as many tokens as `into` holds: words, numbers with their inner points and
 * commas, clitics, and every other visible or invisible character. Hyphens within a word only separate.
 */
export function tokenize(lowered: string, into: Tokens): void {
  const limit = into.low.length
  let count = 0
  let at = 0
  const push = (start: number, end: number) => {
    if (count === limit) return
    hashInto(lowered, start, end, into, count)
    into.start[count] = start
    into.end[count] = end
    count++
  }
  while (at < lowered.length && count < limit) {
    const start = at
    const code = lowered.charCodeAt(at)
    const kind = kindOf(code)
    at++
    if (kind === space) continue
    if (kind === single) {
      if (isPair(lowered, start)) at++
      push(start, at)
    } else if (kind === mark) {
      const clitic = isApostrophe(code) ? cliticAt(lowered, start) : 0
      if (clitic > 0) at = start + clitic
      else while (lowered.charCodeAt(at) === code) at++
      push(start, at)
    } else {
      while (at < lowered.length && continues(lowered, at)) at++
      // don't: the n belongs to the clitic
      const split =
        lowered.charCodeAt(at - 1) === 0x6e && isApostrophe(lowered.charCodeAt(at)) && cliticAt(lowered, at - 1) === 3
      if (!split) push(start, at)
      else {
        if (at - 1 > start) push(start, at - 1)
        push(at - 1, at + 2)
        at += 2
      }
      if (isInnerHyphen(lowered, at)) at++
    }
  }
  into.count = count
}

/** The hash of one token, as `tokenize` would give it, in slot 0 of `into`. */
export function hashToken(token: string, into: Tokens): void {
  hashInto(token, 0, token.length, into, 0)
}

function hashInto(text: string, start: number, end: number, into: Tokens, slot: number): void {
  let a = 0x811c9dc5
  let b = 0x2545f491
  const stop = Math.min(end, start + longest)
  for (let i = start; i < stop; i++) {
    let code = text.charCodeAt(i)
    if (code === 0x2019) code = apostrophe
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x5bd1e995)
    b ^= b >>> 15
  }
  a ^= a >>> 16
  a = Math.imul(a, 0x85ebca6b)
  into.low[slot] = a ^ (a >>> 13)
  b = Math.imul(b, 0xc2b2ae35)
  into.high[slot] = b ^ (b >>> 16)
}

// The kind of every UTF-16 unit seen so far; 0: not asked for yet.
const kinds = new Uint8Array(65536)

function kindOf(code: number): number {
  return kinds[code] || (kinds[code] = classify(code))
}

function classify(code: number): number {
  const character = String.fromCharCode(code)
  if (/\s/u.test(character)) return space
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Cs}]/u.test(character)) return single
  return /[\p{L}\p{N}\p{M}]/u.test(character) ? word : mark
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}

function isApostrophe(code: number): boolean {
  return code === apostrophe || code === 0x2019
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39

/** Whether the unit at `at` belongs to the word before it: 1,000 and 3.5 are one word. */
function continues(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (kindOf(code) === word) return true
  return (code === 0x2e || code === 0x2c) && isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at + 1))
}

function isInnerHyphen(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x2d && at + 1 < text.length && kindOf(text.charCodeAt(at + 1)) === word
}

/** The length of the clitic that starts here and ends with its word, or 0. */
function cliticAt(text: string, at: number): number {
  let end = at
  while (
    end < text.length &&
    end - at < 4 &&
    (kindOf(text.charCodeAt(end)) === word || isApostrophe(text.charCodeAt(end)))
  ) {
    end++
  }
  return clitics.has(text.slice(at, end).replace('\u2019', "'")) ? end - at : 0
}
