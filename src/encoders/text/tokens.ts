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
  const units = unitsOf(lowered)
  const { length } = lowered
  const limit = into.low.length
  into.count = 0
  let at = 0
  while (at < length && into.count < limit) {
    const kind = kindOf(units[at] ?? 0)
    if (kind === space) at++
    else if (kind === word) at = takeWord(lowered, units, at, into)
    else at = take(units, at, kind === single ? endOfSingle(units, at) : endOfMark(lowered, units, at), into)
  }
}

/** The hash of one token, as `tokenize` would give it, in slot 0 of `into`. */
export function hashToken(token: string, into: Tokens): void {
  into.count = 0
  take(unitsOf(token), 0, token.length, into)
}

const reused = new Uint16Array(2 ** 16)

/** A text's units, and a zero, which ends every token: each is read several times, which an array does faster than a string. */
function unitsOf(text: string): Uint16Array {
  const units = text.length < reused.length ? reused : new Uint16Array(text.length + 1)
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i)
  units[text.length] = 0
  return units
}

// A token's hash is two of 32 bits: of a unit after another, then finished.
const low = 0x811c9dc5 | 0
const high = 0x2545f491
const mixLow = (hash: number, unit: number) => Math.imul(hash ^ unit, 0x01000193)
const mixHigh = (hash: number, unit: number) => {
  const mixed = Math.imul(hash ^ unit, 0x5bd1e995)
  return mixed ^ (mixed >>> 15)
}

/** Takes the word, or number, that starts here, and the clitic n't where it ends in one. Where they end. */
function takeWord(lowered: string, units: Uint16Array, start: number, into: Tokens): number {
  let a = low
  let b = high
  let at = start
  // hashed as it is read: a word has no apostrophe that would have to be told from another
  do {
    const unit = units[at++] ?? 0
    a = mixLow(a, unit)
    b = mixHigh(b, unit)
  } while (continues(units, at) && at - start < longest)
  while (continues(units, at)) at++
  // don't: the n belongs to the clitic
  if (isApostrophe(units[at] ?? 0) && units[at - 1] === 0x6e && cliticAt(lowered, at - 1) === 3) {
    if (at - 1 > start) take(units, start, at - 1, into)
    if (into.count < into.low.length) take(units, at - 1, at + 2, into)
    at += 2
  } else finish(a, b, start, at, into)
  return isInnerHyphen(units, at, lowered.length) ? at + 1 : at
}

/** Takes what stands between start and end for a token. Where it ends. */
function take(units: Uint16Array, start: number, end: number, into: Tokens): number {
  let a = low
  let b = high
  const stop = Math.min(end, start + longest)
  for (let i = start; i < stop; i++) {
    let unit = units[i] ?? 0
    if (unit === 0x2019) unit = apostrophe
    a = mixLow(a, unit)
    b = mixHigh(b, unit)
  }
  finish(a, b, start, end, into)
  return end
}

function finish(a: number, b: number, start: number, end: number, into: Tokens): void {
  const slot = into.count++
  const mixed = Math.imul(a ^ (a >>> 16), 0x85ebca6b)
  into.low[slot] = mixed ^ (mixed >>> 13)
  const other = Math.imul(b, 0xc2b2ae35)
  into.high[slot] = other ^ (other >>> 16)
  into.start[slot] = start
  into.end[slot] = end
}

// The kind of every UTF-16 unit seen so far; 0: not asked for yet.
const kinds = new Uint8Array(65536)

function kindOf(code: number): number {
  const kind = kinds[code] ?? 0
  return kind === 0 ? (kinds[code] = classify(code)) : kind
}

function classify(code: number): number {
  const character = String.fromCharCode(code)
  if (/\s/u.test(character)) return space
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Cs}]/u.test(character)) return single
  return /[\p{L}\p{N}\p{M}]/u.test(character) ? word : mark
}

function endOfSingle(units: Uint16Array, at: number): number {
  const isPair = ((units[at] ?? 0) & 0xfc00) === 0xd800 && ((units[at + 1] ?? 0) & 0xfc00) === 0xdc00
  return isPair ? at + 2 : at + 1
}

function endOfMark(lowered: string, units: Uint16Array, start: number): number {
  const code = units[start] ?? 0
  const clitic = isApostrophe(code) ? cliticAt(lowered, start) : 0
  if (clitic > 0) return start + clitic
  let at = start + 1
  while (at < lowered.length && units[at] === code) at++
  return at
}

function isApostrophe(code: number): boolean {
  return code === apostrophe || code === 0x2019
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39

/** Whether the unit at `at` belongs to the word before it: 1,000 and 3.5 are one word. */
function continues(units: Uint16Array, at: number): boolean {
  const code = units[at] ?? 0
  if (kindOf(code) === word) return true
  return (code === 0x2e || code === 0x2c) && isDigit(units[at - 1] ?? 0) && isDigit(units[at + 1] ?? 0)
}

function isInnerHyphen(units: Uint16Array, at: number, length: number): boolean {
  return at + 1 < length && units[at] === 0x2d && kindOf(units[at + 1] ?? 0) === word
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
