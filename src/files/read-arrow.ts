import { contentTypes, headers, textHeader } from '../engine/decode/content-type.ts'
import { readArrowTable } from '../engine/decode/arrow-table.ts'
import { ipcHead, ipcPrefix } from '../engine/decode/ipc.ts'
import { checkBatch } from './arrow-check.ts'
import { hasNestedView, sliceToStream } from './arrow-slice.ts'
import { openBytes, type Bytes } from './bytes.ts'
import { decompressed } from './chunks.ts'
import { Damage } from './damage.ts'
import { damagedWhole, messageOf, type Item, type Opened, type Reading } from './reading.ts'

/** What the compressed buffers of one record batch may unfold to. */
const bodyLimit = 2 ** 31

/**
 * Arrow IPC streams and files, read front to back, so that a file that is cut still gives the record batches before the
 * cut. A message is an IPC stream of at most `batchRecords` rows.
 */
export async function* readArrow(file: Opened, reading: Reading): AsyncGenerator<readonly Item[]> {
  reading.layout = {
    name: file.name,
    format: file.format,
    compression: file.compression,
    prologue: undefined,
    array: false,
    parquet: undefined,
  }
  const given = [textHeader(headers.contentType, contentTypes.arrow)]
  let offset = 0n
  const source = openBytes(decompressed(file.chunks, file.compression, file.path))
  try {
    for await (const stream of recordBatches(source, file.format === 'arrow-file')) {
      const [batch] = readArrowTable(stream, bodyLimit).batches
      if (batch === undefined) continue
      checkBatch(batch)
      if (batch.schema.fields.some(({ type }) => hasNestedView(type)))
        throw new Damage(
          'string or binary views inside lists and structs cannot be split into rows; cast them to string',
        )
      for (let from = 0; from < batch.numRows; from += file.batchRecords) {
        const to = Math.min(batch.numRows, from + file.batchRecords)
        const value = sliceToStream(batch, from, to)
        yield [{ message: messageOf(file, offset, value, given), rows: to - from, bytes: value.length }]
        offset += BigInt(to - from)
      }
    }
  } catch (error) {
    reading.damage = `the Arrow data cannot be read: ${describe(error)}`
  } finally {
    await source.close()
  }
  if (reading.damage !== undefined) yield [damagedWhole(file, offset, reading.damage, given)]
}

function describe(error: unknown): string {
  if (error instanceof Error) return error.message
  return typeof error === 'object' && error !== null && 'reason' in error ? String(error.reason) : String(error)
}

const magic = 'ARROW1'
const metadataLimit = 2 ** 28
const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

/**
 * Each record batch as a stream of its own: schema, dictionaries so far, batch, end. A file holds the same messages as a
 * stream, behind eight bytes of magic; its index at the end is not needed to read on, only to know that nothing is cut.
 */
async function* recordBatches(source: Bytes, intoFile: boolean): AsyncGenerator<Uint8Array> {
  const first = await source.peek(8)
  const start = Buffer.from(first).toString('latin1')
  if (start.startsWith('FEA1'))
    throw new Damage('this is version 1 of Feather; write it again as version 2 or as Parquet')
  const isFile = start.startsWith(magic)
  if (isFile) await source.read(8)
  let schema: Uint8Array | undefined
  const dictionaries = new Map<number, Uint8Array[]>()
  let begun = false
  for (;;) {
    const prefix = await source.read(Buffer.from(await source.peek(4)).readInt32LE() === -1 ? 8 : 4)
    const { metadata: length } = ipcPrefix(prefix)
    if (length === 0) break
    if (length > metadataLimit) throw new Damage('it is broken')
    const metadata = await source.read(length)
    const head = ipcHead(metadata)
    const message = Buffer.concat([prefix, metadata, await source.read(head.bodyBytes)])
    if (head.kind === 'schema') {
      if (schema !== undefined) throw new Damage('a second schema follows the first')
      schema = message
    } else if (schema === undefined) throw new Damage('it does not begin with a schema')
    else if (head.kind === 'dictionary') {
      // Rows leave as they came, and each batch is written with its dictionaries as a whole.
      const before = dictionaries.get(head.dictionary)
      if (
        intoFile &&
        begun &&
        before !== undefined &&
        (head.delta || before.length > 1 || Buffer.compare(before[0] ?? message, message) !== 0)
      )
        throw new Damage(
          'a dictionary changes between record batches, which an Arrow file cannot be written with again; ' +
            'convert it to an Arrow stream (.arrows) or to Parquet',
        )
      dictionaries.set(head.dictionary, [...(head.delta ? (dictionaries.get(head.dictionary) ?? []) : []), message])
    } else if (head.kind === 'batch') {
      begun = true
      yield Buffer.concat([schema, ...[...dictionaries.values()].flat(), message, endOfStream])
    }
  }
  const tail = await source.drain(magic.length)
  if (isFile && tail.toString('latin1') !== magic) throw new Damage('the file ends before its index')
  if (!isFile && tail.length > 0) throw new Damage('something follows the end of the stream')
}
