import { createColors } from 'picocolors'

export { printable } from '../core/printable.ts'

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>

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
