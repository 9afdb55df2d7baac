import { codes, type Code } from '../../core/errors.ts'
import type { Header } from '../../core/message.ts'
import { printable } from '../../core/printable.ts'
import { headers } from './content-type.ts'
import { hopCount, mostHops } from './hops.ts'
import { Fault } from './table.ts'

/** What the headers of a message say of its value. Where a name is repeated its first value counts; of hops the last. */
export interface Told {
  readonly fault: Fault | undefined // why the value is not to be read at all
  readonly type: string | undefined // content type, lower case, without parameters
  readonly schema: string | undefined // GUID of its schema in a registry
  readonly csvHeader: Uint8Array | undefined
  readonly csvDelimiter: string | undefined
}

const nothing: Told = {
  fault: undefined,
  type: undefined,
  schema: undefined,
  csvHeader: undefined,
  csvDelimiter: undefined,
}

export function toldBy(given: readonly Header[]): Told {
  if (given.length === 0) return nothing
  let unreadable: Uint8Array | null | undefined
  let type: Uint8Array | null | undefined
  let encoding: Uint8Array | null | undefined
  let schema: Uint8Array | null | undefined
  let csvHeader: Uint8Array | null | undefined
  let csvDelimiter: Uint8Array | null | undefined
  let hop: Uint8Array | null = null
  for (const [name, value] of given) {
    if (name === headers.contentType) type ??= value
    else if (name === headers.contentEncoding) encoding ??= value
    else if (name === headers.unreadable) unreadable ??= value
    else if (name === headers.valueSchemaId) schema ??= value
    else if (name === headers.csvHeader) csvHeader ??= value
    else if (name === headers.csvDelimiter) csvDelimiter ??= value
    else if (name === headers.hop) hop = value
  }
  return {
    fault: unreadableFault(unreadable) ?? hopFault(hop) ?? encodingFault(encoding),
    type: type == null ? undefined : mediaType(textOf(type)),
    schema: schema == null ? undefined : guidOf(schema),
    csvHeader: csvHeader ?? undefined,
    csvDelimiter: csvDelimiter == null ? undefined : textOf(csvDelimiter),
  }
}

const mostText = 2000 // bytes of a header's text that are looked at

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, mostText)).toString()
}

function mediaType(text: string): string {
  const end = text.indexOf(';')
  return (end === -1 ? text : text.slice(0, end)).trim().toLowerCase()
}

/** A source that could not make whole rows of some bytes says so in a header. */
function unreadableFault(value: Uint8Array | null | undefined): Fault | undefined {
  if (value == null) return undefined
  const text = textOf(value)
  const [code = '', ...reason] = text.split(' ')
  const known = Object.hasOwn(codes, code) && codes[code as Code] === 'DecodeError'
  return known ? new Fault(code as Code, reason.join(' ')) : new Fault('BYTES_MALFORMED', text)
}

function hopFault(value: Uint8Array | null): Fault | undefined {
  const hops = hopCount(value)
  if (hops < mostHops) return undefined
  return new Fault(
    'HOPS_EXCEEDED',
    `the message has passed ${hops} pipelines: some pipeline's output leads back to its input; give it other topics`,
  )
}

// Text encodings are sometimes named in this header; UTF-8 is what is read anyway.
const readEncodings: ReadonlySet<string> = new Set(['', 'identity', 'utf-8', 'utf8'])

function encodingFault(value: Uint8Array | null | undefined): Fault | undefined {
  if (value == null) return undefined
  const encoding = textOf(value).trim().toLowerCase()
  if (readEncodings.has(encoding)) return undefined
  return new Fault(
    'BYTES_MALFORMED',
    `the value is encoded as '${printable(encoding, 100)}', which is not undone here: ` +
      `send it as it is, and let the producer compress whole batches of messages`,
  )
}

/** 0x01 and the 16 bytes of a GUID; undefined where the header holds something else. */
function guidOf(value: Uint8Array): string | undefined {
  if (value.length !== 17 || value[0] !== 1) return undefined
  const hex = Buffer.from(value.buffer, value.byteOffset + 1, 16).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
