import type * as Parquet from 'parquet-wasm'
import { TasterError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import type { Layout } from './layout.ts'
import { openOutput, outputFailed, type Output } from './output.ts'
import { writeWhole, type RowWriter } from './row-writer.ts'

interface Writing {
  readonly wasm: typeof Parquet
  readonly kept: Map<string, string>
  readonly rows: WritableStreamDefaultWriter<Parquet.RecordBatch>
  readonly done: Promise<void>
}

/** Parquet with the schema, metadata, compression and row group size that came in. Holds at most one row group. */
export function openParquetWriter(path: string, layout: Layout): RowWriter {
  let opened: Promise<Writing> | undefined
  let current: { readonly message: Message; readonly batch: Parquet.RecordBatch } | undefined // of the runs of rows

  const open = async (): Promise<Writing> => {
    const wasm = await import('parquet-wasm')
    const { codec = 1, groupRows = 2 ** 20, metadata = new Map<string, string>() } = layout.parquet ?? {}
    const kept = new Map([...metadata].filter(([name]) => name !== 'ARROW:schema'))
    const properties = new wasm.WriterPropertiesBuilder()
      .setCompression(writable.get(codec) ?? codec)
      .setMaxRowGroupSize(groupRows)
      .setKeyValueMetadata(kept)
      .build()
    const output = await openOutput(path, 'none')
    const queue = new TransformStream<Parquet.RecordBatch, Parquet.RecordBatch>(
      undefined,
      { highWaterMark: 1 },
      { highWaterMark: 0 },
    )
    const done = pump(wasm.transformParquetStream(queue.readable, properties), output, path)
    const rows = queue.writable.getWriter()
    rows.closed.catch(() => undefined)
    // A writer that fails takes no more rows: whoever waits to hand it some is told why.
    done.catch((error: unknown) => rows.abort(error).catch(() => undefined))
    return { wasm, kept, rows, done }
  }

  return {
    path,
    async write(message, from, to, rows) {
      if ((await writeWhole(message, path)) || message.value === null) return
      const writer = await (opened ??= open())
      if (current?.message !== message) {
        current?.batch.free()
        current = { message, batch: batchOf(message.value, writer) }
      }
      const { batch } = current
      // A message that decode could not read as rows has one ruling for all of them.
      const slice = rows === batch.numRows ? batch.slice(from, to - from) : batch.slice(0, batch.numRows)
      await writer.rows.write(slice)
    },
    flush: async () => undefined,
    async close() {
      current?.batch.free()
      if (opened === undefined) return
      const { rows, done } = await opened
      await Promise.all([rows.close(), done])
    },
  }
}

/**
 * The record batch of a message, described as the file was: readers look for a file's metadata in its Arrow schema too,
 * where batches that were read have lost it. Memory of the compiled writer is freed by hand.
 */
function batchOf(value: Uint8Array, { wasm, kept }: Writing): Parquet.RecordBatch {
  const table = wasm.Table.fromIPCStream(value)
  const batch = table.recordBatch(0)
  table.free()
  if (batch === undefined) throw new TasterError('INVARIANT_BROKEN', 'a message of a Parquet file holds no rows')
  if (kept.size === 0) return batch
  const bare = batch.schema
  const schema = bare.withMetadata(kept)
  const described = batch.withSchema(schema)
  batch.free()
  return described
}

// Parquet's first LZ4 codec and LZO can be read but not written; LZ4_RAW and Snappy take their places.
const writable: ReadonlyMap<number, number> = new Map([
  [4, 6],
  [7, 1],
])

async function pump(made: Promise<ReadableStream>, output: Output, path: string): Promise<void> {
  try {
    for await (const chunk of (await made) as AsyncIterable<Uint8Array>) {
      output.append(chunk)
      await output.flush()
    }
  } catch (error) {
    throw outputFailed(path, error)
  }
  await output.close()
}
