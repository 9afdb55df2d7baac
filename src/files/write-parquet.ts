import type * as Parquet from 'parquet-wasm'
import { TasterError } from '../core/errors.ts'
import type { Layout } from './layout.ts'
import { openOutput, outputFailed, type Output } from './output.ts'
import { writeWhole, type RowWriter } from './write-rows.ts'

interface Writing {
  readonly wasm: typeof Parquet
  readonly kept: Map<string, string>
  readonly rows: WritableStreamDefaultWriter<Parquet.RecordBatch>
  readonly done: Promise<void>
}

/** Parquet with the schema, metadata, compression and row group size that came in. Holds at most one row group. */
export function openParquetWriter(path: string, layout: Layout): RowWriter {
  let opened: Promise<Writing> | undefined

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
    done.catch(() => undefined)
    return { wasm, kept, rows: queue.writable.getWriter(), done }
  }

  return {
    path,
    async write(message, from, to, rows) {
      if ((await writeWhole(message, path)) || message.value === null) return
      const writer = await (opened ??= open())
      const table = writer.wasm.Table.fromIPCStream(message.value)
      for (const batch of table.recordBatches()) {
        // A message that decode could not read as rows has one ruling for all of them.
        const whole = rows !== batch.numRows
        const slice = whole ? batch.slice(0, batch.numRows) : batch.slice(from, to - from)
        batch.free()
        await Promise.race([writer.rows.write(described(slice, writer.kept)), writer.done.then(unexpectedEnd)])
      }
      table.free()
    },
    flush: async () => undefined,
    async close() {
      if (opened === undefined) return
      const { rows, done } = await opened
      await Promise.race([rows.close(), done])
      await done
    },
  }
}

/** Readers find a file's metadata in its Arrow schema too, where batches that were read have lost it. */
function described(batch: Parquet.RecordBatch, metadata: Map<string, string>): Parquet.RecordBatch {
  return metadata.size === 0 ? batch : batch.withSchema(batch.schema.withMetadata(metadata))
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

function unexpectedEnd(): never {
  throw new TasterError('INVARIANT_BROKEN', 'a Parquet file ended before its rows')
}
