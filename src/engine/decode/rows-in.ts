import type { Message } from '../../core/message.ts'
import { recognise, type Messages } from './recognise.ts'
import { Fault } from './table.ts'
import { toldBy } from './told.ts'

/**
 * Whether a message of a topic holds one row or many, told without reading it. A message of many rows gets a verdict of
 * its own. An array or Arrow stream counts as many, however few it turns out to hold; what cannot be read is one row.
 */
export function rowsIn({ headers, value }: Message, messages: Messages = {}): 'one' | 'many' {
  if (value === null || value.length === 0) return 'one'
  const told = toldBy(headers)
  if (told.fault !== undefined) return 'one'
  const recognised = recognise(value, told, messages)
  if (recognised instanceof Fault) return 'one'
  switch (recognised.form) {
    case 'record':
    case 'csv-record':
      return 'one'
    case 'array':
    case 'arrow':
      return 'many'
    case 'lines':
      return hasLines(value, 2) ? 'many' : 'one'
    case 'csv':
    case 'tabs':
      return hasLines(value, 3) ? 'many' : 'one' // the first line names the columns
  }
}

/** Whether there are so many lines; the end of the last line is not the begin of another. */
function hasLines(value: Uint8Array, lines: number): boolean {
  let at = -1
  for (let line = 1; line < lines; line++) {
    at = value.indexOf(10, at + 1)
    if (at === -1) return false
  }
  return at < value.length - 1
}
