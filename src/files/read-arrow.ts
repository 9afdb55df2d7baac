import { CompressionType, compressionRegistry, RecordBatchReader, type RecordBatch } from 'apache-arrow'
import { decompress } from 'fzstd'
import { contentTypes, headers, textHeader } from '../engine/decode/content-type.ts'
import { hasNestedView, sliceToStream } from './arrow-slice.ts'
import { Damage, decompressed } from './chunks.ts'
import { lz4Frame } from './lz4.ts'
import { damagedWhole, messageOf, type Item, type Opened, type Reading } from './reading.ts'

const bufferLimit = 2 ** 31 - 1

// Arrow reads numbers in place, so a buffer must begin where its memory does: hence the copies.
compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (bytes) => lz4Frame(bytes, bufferLimit).slice() })
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() })

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
  const source = ipcBytes(decompressed(file.chunks, file.compression))
  let offset = 0n
  try {
    const batches = await RecordBatchReader.from(source.bytes)
    await batches.open()
    if (batches.schema.fields.some(({ type }) => hasNestedView(type)))
      throw new Damage('string or binary views inside lists and structs cannot be split into rows; cast them to string')
    for await (const batch of batches as AsyncIterable<RecordBatch>) {
      for (let from = 0; from < batch.numRows; from += file.batchRecords) {
        const to = Math.min(batch.numRows, from + file.batchRecords)
        const value = sliceToStream(batch, from, to)
        yield [{ message: messageOf(file, offset, value, given), rows: to - from, bytes: value.length }]
        offset += BigInt(to - from)
      }
    }
    await source.drain()
  } catch (error) {
    reading.damage = `the Arrow data cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
  reading.damage = source.failure() ?? reading.damage ?? source.missingEnd()
  if (reading.damage !== undefined) yield [damagedWhole(file, offset, reading.damage, given)]
}

const magic = 'ARROW1'

/**
 * The message stream of IPC bytes. A file's is the same as a stream's behind eight bytes of magic; its index at the end
 * is not needed to read on. Whether the end is there is seen from the last bytes.
 */
function ipcBytes(chunks: AsyncIterable<Uint8Array>): {
  readonly bytes: AsyncIterable<Uint8Array>
  drain(): Promise<void>
  failure(): string | undefined
  missingEnd(): string | undefined
} {
  const source = chunks[Symbol.asyncIterator]()
  let head: Buffer | undefined
  let tail: Buffer = Buffer.alloc(0)
  let failure: string | undefined
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const result = await source.next()
      if (result.done === true) return { done: true, value: undefined }
      tail = Buffer.concat([tail, result.value.subarray(-8)]).subarray(-8)
      return result
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      return { done: true, value: undefined }
    }
  }
  async function* withoutMagic(): AsyncGenerator<Uint8Array> {
    let first = Buffer.alloc(0)
    while (first.length < 8) {
      const { done, value } = await next()
      if (done === true) break
      first = Buffer.concat([first, value])
    }
    head = first.subarray(0, magic.length)
    if (head.toString('latin1').startsWith('FEA1'))
      throw new Damage('this is the first version of Feather; write it again as Feather 2 or Parquet')
    yield first.subarray(head.toString('latin1') === magic ? 8 : 0)
    for (let result = await next(); result.done !== true; result = await next()) yield result.value
  }
  return {
    bytes: withoutMagic(),
    async drain() {
      for (let result = await next(); result.done !== true; result = await next());
    },
    failure: () => failure,
    missingEnd() {
      if (head?.toString('latin1') === magic)
        return tail.toString('latin1').endsWith(magic) ? undefined : 'the Arrow file ends before its index'
      return tail.length >= 4 && tail.readUInt32LE(tail.length - 4) === 0
        ? undefined
        : 'the Arrow stream ends without its end mark'
    },
  }
}
