import { createColors } from 'picocolors'

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>

const named: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

// Controls, format characters (bidirectional overrides among them), halves of surrogate pairs, private and unassigned
// characters, line and paragraph separators: whatever moves the cursor, hides text or reorders it.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u

/**
 * Text from data as it may stand on a terminal: one line, nothing in it acts, at most `max` characters (code points),
 * the last of them … where some are left out.
 */
export function printable(text: string, max = 200): string {
  let whole = ''
  let fitting = '' // what fits with a … behind it
  let length = 0
  for (const character of text) {
    const safe = !unprintable.test(character)
    const code = character.codePointAt(0) ?? 0
    const piece = safe ? character : (named[character] ?? `\\u{${code.toString(16)}}`)
    length += safe ? 1 : piece.length
    if (length > max) return `${fitting}…`
    whole += piece
    if (length < max) fitting = whole
  }
  return whole
}

/** Colours for a terminal, and plain text for everything else or where NO_COLOR is set (no-color.org). */
export function coloursFor(stream: Stream) {
  return createColors(stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb')
}

/** Columns to write in: those of the terminal, within reason. */
export function widthOf(stream: Stream): number {
  return Math.min(120, Math.max(60, (stream.isTTY && stream.columns) || 100))
}

/** Breaks a line between words; the first begins with `first`, the others with `indent`. A longer word stays whole. */
export function wrap(text: string, width: number, indent = '', first = indent): string {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
      empty = true
    }
    line = empty ? line + word : `${line} ${word}`
    empty = false
  }
  return [...lines, line].join('\n')
}
