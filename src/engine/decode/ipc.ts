import { flatRoot, type FlatTable } from './flatbuffer.ts'
import { Fault } from './table.ts'

/** What an encapsulated message of an Arrow IPC stream says of itself, checked so that a reader may rely on it. */
export interface IpcHead {
  readonly kind: 'schema' | 'dictionary' | 'batch' | 'other'
  readonly bodyBytes: number
  readonly rows: number // of a record batch or a dictionary
  readonly dictionary: number // the id of a dictionary
  readonly delta: boolean // the dictionary adds to what was there
}

/** A whole message, with its length prefix and padding, as it stands in the stream. */
export interface IpcMessage extends IpcHead {
  readonly bytes: Uint8Array
  readonly metadataBytes: number // prefix included
}

const continuation = 0xffffffff

/** The length of the metadata that a prefix announces: of 8 bytes, or 4 before Arrow 0.15. 0: the end of the stream. */
export function ipcPrefix(bytes: Uint8Array): { readonly prefix: 4 | 8; readonly metadata: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const prefix = view.getUint32(0, true) === continuation ? 8 : 4
  return { prefix, metadata: bytes.length < prefix ? 0 : view.getUint32(prefix - 4, true) }
}

/** The messages of a stream that is at hand as a whole. Throws a Fault where it is cut or its metadata is broken. */
export function* ipcMessages(stream: Uint8Array): Generator<IpcMessage> {
  for (let at = 0; at < stream.length;) {
    const cut = new Fault('BYTES_MALFORMED', 'the Arrow stream is cut')
    if (at + 4 > stream.length) throw cut
    const { prefix, metadata } = ipcPrefix(stream.subarray(at, at + 8))
    if (metadata === 0) return
    const metadataBytes = prefix + metadata
    if (at + metadataBytes > stream.length) throw cut
    const head = ipcHead(stream.subarray(at + prefix, at + metadataBytes))
    const end = at + metadataBytes + head.bodyBytes
    if (end > stream.length) throw cut
    yield { ...head, bytes: stream.subarray(at, end), metadataBytes }
    at = end
  }
}

// Numbers of the fields in Arrow's Message.fbs and Schema.fbs (format version 5).
const kinds = ['other', 'schema', 'dictionary', 'batch'] as const

/** Throws a Fault where metadata contradicts itself. */
export function ipcHead(metadata: Uint8Array): IpcHead {
  const message = flatRoot(metadata)
  const kind = kinds[message.int8(1)] ?? 'other'
  const header = message.table(2)
  const bodyBytes = message.int64(3)
  if (bodyBytes < 0 || !Number.isSafeInteger(bodyBytes)) throw broken('a body of a wrong size')
  checkPairs(message, 4)
  if (header === undefined) throw broken('a message without a header')
  const head = { kind, bodyBytes, rows: 0, dictionary: 0, delta: false }
  if (kind === 'schema') checkSchema(header)
  if (kind === 'batch') return { ...head, rows: checkBatch(header, bodyBytes) }
  if (kind !== 'dictionary') return head
  const data = header.table(1)
  if (data === undefined) throw broken('a dictionary without values')
  return { ...head, dictionary: header.int64(0), delta: header.int8(2) !== 0, rows: checkBatch(data, bodyBytes) }
}

function checkSchema(schema: FlatTable): void {
  for (const field of schema.tables(1)) checkField(field, 0)
  checkPairs(schema, 2)
  schema.places(3, 8)
}

const deepest = 64

function checkField(field: FlatTable, depth: number): void {
  if (depth > deepest) throw broken(`columns nested deeper than ${deepest} levels`)
  field.text(0)
  const type = field.table(3)
  const kind = field.int8(2)
  if (kind === timestamp) type?.text(1)
  if (kind === union) type?.places(1, 4)
  field.table(4)?.table(1)
  for (const child of field.tables(5)) checkField(child, depth + 1)
  checkPairs(field, 6)
}

const timestamp = 10
const union = 14

/** The rows of a record batch whose buffers lie in its body and whose columns are no longer than a body could hold. */
function checkBatch(batch: FlatTable, bodyBytes: number): number {
  const { view } = batch
  const rows = batch.int64(0)
  // A value takes a bit at least; columns of nulls alone take none, so there may be as many as there are rows.
  const most = Math.max(rows, bodyBytes * 8 * compression(batch))
  if (rows < 0 || !Number.isSafeInteger(rows)) throw broken('a record batch of a wrong length')
  for (const at of batch.places(1, 16)) {
    const length = Number(view.getBigInt64(at, true))
    if (length < 0 || length > most) throw broken('a column of a wrong length')
  }
  for (const at of batch.places(2, 16)) {
    const [offset, length] = [Number(view.getBigInt64(at, true)), Number(view.getBigInt64(at + 8, true))]
    if (offset < 0 || length < 0 || offset + length > bodyBytes) throw broken('a buffer outside its body')
  }
  batch.places(4, 8)
  return rows
}

/** How much longer a body may be once decompressed: LZ4 shrinks by 255 at most, zstd hardly by more in practice. */
function compression(batch: FlatTable): number {
  return batch.table(3) === undefined ? 1 : 10_000
}

function checkPairs(of: FlatTable, field: number): void {
  for (const pair of of.tables(field)) {
    pair.text(0)
    pair.text(1)
  }
}

function broken(what: string): Fault {
  return new Fault('BYTES_MALFORMED', `the Arrow data has ${what}`)
}
