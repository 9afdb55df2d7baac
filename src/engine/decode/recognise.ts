import { printable } from '../../core/printable.ts'
import { contentTypeOf, contentTypes } from './content-type.ts'
import type { Told } from './told.ts'
import { Fault } from './table.ts'

/** How a value is laid out. A `record` is one JSON object, a `csv-record` one line whose header came with it. */
export type Form = 'record' | 'array' | 'lines' | 'arrow' | 'csv' | 'tabs' | 'csv-record'

/** What is known of all messages of a topic, whose values may hold many rows each. */
export interface Messages {
  readonly contentType?: string // of messages that name none; absent: told by their first bytes
}

export interface Recognised {
  readonly form: Form
  readonly payload: Uint8Array // the value without the frame of a schema registry
  readonly schema: string | undefined // the schema that a registry's frame names, for messages to people
}

/**
 * The layout of a value, from its headers and its first bytes. Without `messages` the value is one row of a file.
 * Costs next to nothing: the value is not read.
 */
export function recognise(value: Uint8Array, told: Told, messages: Messages | undefined): Recognised | Fault {
  const type = told.type ?? messages?.contentType
  const known = type === undefined ? undefined : contentTypeOf(type)
  const mayBeFramed = known !== 'arrow' && known !== 'csv' && known !== 'tabs'
  if (messages !== undefined && mayBeFramed) {
    const framed = unframed(value, told.schema)
    if (framed !== undefined) return framed
  }
  if (type === undefined) {
    const form = sniff(value)
    const read = form === 'record' || (form !== undefined && messages !== undefined)
    return read ? plain(form, value) : unknownType('none')
  }
  switch (known) {
    case undefined:
      return unknownType(type)
    case 'json':
      return plain(messages !== undefined && firstByte(value) === bracket ? 'array' : 'record', value)
    case 'csv':
    case 'tabs':
      if (told.csvHeader !== undefined) return plain('csv-record', value)
      return messages === undefined
        ? new Fault('BYTES_MALFORMED', 'a row of a CSV file came without the names of its columns')
        : plain(known, value)
    case 'lines':
    case 'arrow':
      return plain(known, value)
  }
}

function plain(form: Form, payload: Uint8Array): Recognised {
  return { form, payload, schema: undefined }
}

function unknownType(type: string): Fault {
  return new Fault(
    'BYTES_MALFORMED',
    `content type '${printable(type, 100)}' is not one of ${Object.values(contentTypes).join(', ')}`,
  )
}

/**
 * The JSON payload of a message that a serializer of a schema registry wrote: 0x00 and the schema's id, four bytes, the
 * highest first, stand before it, or a header holds the schema's GUID
 * (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format).
 * Undefined where there is no such frame.
 */
function unframed(value: Uint8Array, guid: string | undefined): Recognised | Fault | undefined {
  if (guid !== undefined) return jsonOf(value, `schema ${guid}`)
  if (value[0] !== 0 || value.length < 5) return undefined
  const id = new DataView(value.buffer, value.byteOffset).getUint32(1)
  return jsonOf(value.subarray(5), `schema ${id}`)
}

function jsonOf(payload: Uint8Array, schema: string): Recognised | Fault {
  const first = firstByte(payload)
  if (first === brace) return { form: 'record', payload, schema }
  if (first === bracket) return { form: 'array', payload, schema }
  return new Fault(
    'BYTES_MALFORMED',
    `the message was written with ${schema} of a schema registry, and is neither a JSON object nor a JSON array: ` +
      `only JSON payloads are read`,
  )
}

const brace = 0x7b
const bracket = 0x5b

/** Producers that set no content type mostly send JSON, and neither JSON nor Arrow can be mistaken for the others. */
function sniff(value: Uint8Array): Form | undefined {
  const first = firstByte(value)
  if (first === brace) return holdsLines(value) ? 'lines' : 'record'
  if (first === bracket) return 'array'
  const arrow = value[0] === 0xff && value[1] === 0xff && value[2] === 0xff && value[3] === 0xff
  return arrow ? 'arrow' : undefined
}

/** One object a line: no JSON value has a line end between a closing and an opening brace. */
function holdsLines(value: Uint8Array): boolean {
  if (!value.includes(10)) return false // most records: this costs far less than to look for strings
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  return bytes.includes('}\n{') || bytes.includes('}\r\n{')
}

/** The first byte that is neither white space nor part of a byte order mark. */
function firstByte(value: Uint8Array): number | undefined {
  const marked = value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf
  for (let i = marked ? 3 : 0; i < value.length; i++) {
    const byte = value[i] ?? 0
    if (byte > 32) return byte
  }
  return undefined
}
