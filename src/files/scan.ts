/**
 * Finds where rows begin and end in bytes that come in chunks. One scanner reads one file, front to back.
 * Rows are never decoded here: what a scanner tells apart leaves as it came.
 */
export interface Scanner {
  /** Index of the first byte of the next row at or after `at`; the chunk's length where none begins in this chunk. */
  begin(chunk: Uint8Array, at: number): number
  /** Index just past the end of the row that is under way, or -1 where it goes on in the next chunk. */
  scan(chunk: Uint8Array, at: number): number
  /** After `begin`: what makes the rest, from the index it gave, impossible to tell apart. */
  fault(): string | undefined
  /** At the end of the input: what is missing, or undefined where all is whole. */
  missing(inRow: boolean): string | undefined
}

const [tab, lineFeed, carriageReturn, space, quote, comma, backslash] = [9, 10, 13, 32, 0x22, 0x2c, 0x5c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Blank lines are layout, no rows. */
function skipBlankLines(chunk: Uint8Array, at: number): number {
  while (at < chunk.length && (chunk[at] === lineFeed || chunk[at] === carriageReturn)) at++
  return at
}

/** One row a line. */
export function lineScanner(): Scanner {
  return {
    begin: skipBlankLines,
    scan: (chunk, at) => chunk.indexOf(lineFeed, at) + 1 || -1,
    fault: () => undefined,
    missing: () => undefined,
  }
}

/** CSV records (RFC 4180): a line feed inside quotes ends no record. A quote counts only where it opens a field. */
export function csvScanner(delimiter: number): Scanner {
  let state: 'field' | 'plain' | 'quoted' | 'quote' = 'field'
  return {
    begin: skipBlankLines,
    scan(chunk, at) {
      for (let i = at; i < chunk.length; i++) {
        const byte = chunk[i]
        if (state === 'quoted') {
          if (byte === quote) state = 'quote'
        } else if (byte === lineFeed) {
          state = 'field'
          return i + 1
        } else if (byte === delimiter) state = 'field'
        else if (byte === quote && state !== 'plain') state = 'quoted'
        else if (state !== 'quote' || byte !== carriageReturn) state = 'plain'
      }
      return -1
    },
    fault: () => undefined,
    missing: () => (state === 'quoted' ? 'a quote is opened and never closed' : undefined),
  }
}

/**
 * The elements of a top-level array, or the top-level values of a file that has any number of them. Only brackets and
 * strings are looked at and nothing recurses, so that depth costs nothing.
 */
export function jsonScanner(): Scanner & { isArray(): boolean } {
  let layout: 'unknown' | 'values' | 'array' | 'closed' = 'unknown'
  let separated = true // in an array: nothing, or a comma, stands before the next element
  let wrong: string | undefined
  let depth = 0
  let inString = false
  let escaped = false
  let inScalar = false

  const isSpace = (byte: number | undefined): boolean =>
    byte === space || byte === lineFeed || byte === carriageReturn || byte === tab
  const isMark = (byte: number | undefined): boolean => byte === 0xef || byte === 0xbb || byte === 0xbf

  return {
    isArray: () => layout === 'array' || layout === 'closed',
    begin(chunk, at) {
      for (let i = at; i < chunk.length; i++) {
        const byte = chunk[i]
        if (isSpace(byte) || (layout === 'unknown' && isMark(byte))) continue
        if (layout === 'unknown') {
          layout = byte === openBracket ? 'array' : 'values'
          if (layout === 'array') continue
        }
        if (layout === 'array' && byte === closeBracket) layout = 'closed'
        else if (layout === 'array' && byte === comma && !separated) separated = true
        else {
          if (layout === 'closed') wrong = 'something follows the end of the JSON array'
          else if (layout === 'array' && !separated) wrong = 'a comma is missing between elements of the JSON array'
          else if (byte === closeBracket || byte === closeBrace || byte === comma)
            wrong = `'${String.fromCharCode(byte)}' stands where a JSON value should`
          separated = false
          return i
        }
      }
      return chunk.length
    },
    scan(chunk, at) {
      for (let i = at; i < chunk.length; i++) {
        const byte = chunk[i]
        if (inString) {
          if (escaped) escaped = false
          else if (byte === backslash) escaped = true
          else if (byte === quote) {
            inString = false
            if (depth === 0) return i + 1
          }
        } else if (byte === openBrace || byte === openBracket) {
          if (inScalar) return endScalar(i)
          depth++
        } else if (byte === closeBrace || byte === closeBracket) {
          if (inScalar) return endScalar(i)
          if (--depth === 0) return i + 1
        } else if (byte === quote) {
          if (inScalar) return endScalar(i)
          inString = true
        } else if (depth === 0) {
          if (isSpace(byte) || byte === comma) return endScalar(i)
          inScalar = true
        }
      }
      return -1
    },
    fault: () => wrong,
    missing(inRow) {
      if (inString || depth > 0) return 'the file ends in the middle of a JSON value'
      if (layout === 'array') return 'the file ends before its JSON array is closed'
      return inRow && !inScalar ? 'the file ends in the middle of a JSON value' : undefined
    },
  }

  function endScalar(at: number): number {
    inScalar = false
    return at
  }
}
