import type { Limits } from '../engine/decode/limits.ts'
import { headers, textHeader } from '../engine/decode/content-type.ts'
import type { Code } from '../core/errors.ts'
import type { Header, Message } from '../core/message.ts'
import type { Compression, Format } from './format.ts'
import type { Layout } from './layout.ts'
import { attach } from './spool.ts'
import type { Row } from './split.ts'

/** One file while it is read. */
export interface Opened {
  readonly name: string // topic of its messages
  readonly path: string | undefined // undefined: standard input, which cannot be read twice
  readonly format: Format
  readonly compression: Compression
  readonly tabs: boolean
  readonly timestamp: number
  readonly chunks: AsyncIterable<Uint8Array> // as stored, still compressed
  readonly batchRecords: number
  readonly limits: Limits
  readonly spoolFolder: string | undefined
}

/** A message, and what it weighs in a batch. */
export interface Item {
  readonly message: Message
  readonly rows: number
  readonly bytes: number
}

/** What a reader says of its file, beside its rows. */
export interface Reading {
  layout: Layout | undefined // known before the first item is given
  damage: string | undefined // the file cannot be read to its end: why
}

export type Reader = (file: Opened, reading: Reading) => AsyncGenerator<readonly Item[]>

export function messageOf(file: Opened, offset: bigint, value: Uint8Array | null, given: readonly Header[]): Message {
  const at = { topic: file.name, partition: 0, offset }
  return { at, timestamp: file.timestamp, key: null, value, headers: given }
}

/** A stretch of a file that is no readable row. Its bytes travel with it, in the message or attached to it. */
export function unreadable(
  file: Opened,
  offset: bigint,
  row: Row & { unreadable: { readonly code: Code; readonly reason: string } },
  given: readonly Header[],
): Item {
  const { code, reason } = row.unreadable
  const more: Header[] = [textHeader(headers.unreadable, `${code} ${reason}`)]
  if (row.spooled !== undefined)
    more.push(textHeader('taster-spooled', `${row.spooled.bytes} bytes, sha256 ${row.spooled.sha256}`))
  const message = messageOf(file, offset, row.spooled === undefined ? row.bytes : null, [...given, ...more])
  if (row.spooled?.path !== undefined)
    attach(message, { path: row.spooled.path, bytes: row.spooled.bytes, whole: false })
  return { message, rows: 1, bytes: row.bytes.length }
}

/** A file that breaks off where nothing of the rest can be told apart: the whole of it goes to the dead letters. */
export function damagedWhole(file: Opened, offset: bigint, reason: string, given: readonly Header[]): Item {
  const row = { bytes: new Uint8Array(), spooled: undefined, unreadable: { code: 'BYTES_MALFORMED' as const, reason } }
  const item = unreadable(file, offset, row, given)
  attachWhole(file, item.message)
  return item
}

export function attachWhole(file: Opened, message: Message): void {
  if (file.path !== undefined) attach(message, { path: file.path, bytes: 0, whole: true })
}
