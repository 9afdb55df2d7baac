import { header, type Message } from '../../core/message.ts'
import { codes, type Code } from '../../core/errors.ts'
import { arrowTable } from './arrow.ts'
import { contentTypes, headers } from './content-type.ts'
import { csvColumns, csvTable } from './csv.ts'
import { jsonTable, linesTable } from './json.ts'
import type { Limits } from './limits.ts'
import { Fault, type Table } from './table.ts'

type Read = (value: Uint8Array) => Table | Fault

/**
 * Reads messages of any content type into tables that have the columns asked for. What the headers say is worked out
 * once for messages that share them, as the rows of a file do.
 */
export function reader(columns: readonly string[], limits: Limits): (message: Message) => Table | Fault {
  let of: Message['headers'] | undefined
  let read: Read = () => empty
  return (message) => {
    if (message.headers !== of) {
      read = readerFor(message, columns, limits)
      of = message.headers
    }
    return read(message.value ?? new Uint8Array())
  }
}

const empty = new Fault('RECORD_EMPTY', 'the message holds nothing')

function readerFor(message: Message, columns: readonly string[], limits: Limits): Read {
  const unreadable = header(message, headers.unreadable)
  if (unreadable !== undefined) return always(unreadableFault(unreadable))
  const read = readerOfType(message, columns, limits)
  return (value) => {
    if (value.length === 0) return empty
    const table = read(value)
    return table instanceof Fault || table.rows > 0 ? table : empty
  }
}

function readerOfType(message: Message, columns: readonly string[], limits: Limits): Read {
  const type = header(message, headers.contentType)?.split(';')[0]?.trim().toLowerCase()
  if (type === contentTypes.json) return (value) => jsonTable(value, columns, limits)
  if (type === contentTypes.lines) return (value) => linesTable(value, columns, limits)
  if (type === contentTypes.arrow) return (value) => arrowTable(value, columns, limits)
  if (type === contentTypes.csv) {
    const places = csvColumns(message, columns, limits)
    return places instanceof Fault ? always(places) : (value) => csvTable(value, places, limits)
  }
  if (type !== undefined) return always(unknownType(type))
  // Producers that set no content type mostly send JSON, and a JSON object cannot be mistaken for the others.
  return (value) => (value.find((byte) => byte > 32) === 0x7b ? jsonTable(value, columns, limits) : unknownType('none'))
}

function always(fault: Fault): Read {
  return () => fault
}

function unknownType(type: string): Fault {
  const known = Object.values(contentTypes).join(', ')
  return new Fault('BYTES_MALFORMED', `content type '${type}' is not one of ${known}`)
}

function unreadableFault(text: string): Fault {
  const [code = '', ...reason] = text.split(' ')
  const known = Object.hasOwn(codes, code) && codes[code as Code] === 'DecodeError'
  return known ? new Fault(code as Code, reason.join(' ')) : new Fault('BYTES_MALFORMED', text)
}
