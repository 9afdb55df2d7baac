import { createTokens, tokenize } from './tokens.ts'

/** The tokens of many texts, as two halves of a hash each: those of text i stand at offsets[i] … offsets[i + 1]. */
export interface BatchTokens {
  readonly offsets: Int32Array // texts + 1
  readonly low: Uint32Array
  readonly high: Uint32Array
}

const read = new WeakMap<readonly string[], { readonly limit: number; readonly tokens: BatchTokens }>()

/**
 * The first `limit` tokens of each text. Texts are read once for as long as they live: what an encoder takes for vectors
 * it need not split again for features.
 */
export function tokensOf(texts: readonly string[], limit: number): BatchTokens {
  const known = read.get(texts)
  if (known?.limit === limit) return known.tokens
  const tokens = split(texts, limit)
  read.set(texts, { limit, tokens })
  return tokens
}

function split(texts: readonly string[], limit: number): BatchTokens {
  const found = createTokens(limit)
  const offsets = new Int32Array(texts.length + 1)
  // Words and the spaces between them: about six characters each. Texts of more tokens make it larger.
  const units = texts.reduce((sum, text) => sum + text.length, 0)
  let low = new Uint32Array(Math.ceil(units / 5) + texts.length)
  let high = new Uint32Array(low.length)
  let count = 0
  texts.forEach((text, row) => {
    tokenize(text.toLowerCase(), found)
    if (count + found.count > low.length) {
      low = enlarged(low, count + found.count)
      high = enlarged(high, count + found.count)
    }
    for (let i = 0; i < found.count; i++) {
      low[count + i] = found.low[i] ?? 0
      high[count + i] = found.high[i] ?? 0
    }
    count += found.count
    offsets[row + 1] = count
  })
  return { offsets, low: low.slice(0, count), high: high.slice(0, count) }
}

function enlarged(values: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(2 * values.length, least))
  larger.set(values)
  return larger
}
