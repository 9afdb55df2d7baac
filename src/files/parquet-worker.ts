import { openSync, readSync, fstatSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { ParquetFile } from 'parquet-wasm'

/**
 * Reads one Parquet file in a thread of its own: the reader is compiled Rust, and on some damaged files it panics in
 * a way that only the end of its thread contains. Answers each `next` with record batches as Arrow IPC streams.
 */
const { path, batchRecords } = workerData as { readonly path: string; readonly batchRecords: number }

/** Bytes of the file that are read when they are asked for: the reader never holds more than a row group. */
class FileSlice extends Blob {
  override readonly size: number
  readonly #file: number
  readonly #from: number

  constructor(file: number, from: number, to: number) {
    super([])
    this.size = to - from
    this.#file = file
    this.#from = from
  }

  override slice(from = 0, to = this.size): Blob {
    return new FileSlice(this.#file, this.#from + from, this.#from + Math.min(to, this.size))
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(this.size)
    for (let at = 0; at < bytes.length;) {
      const read = readSync(this.#file, bytes, at, bytes.length - at, this.#from + at)
      if (read === 0) throw new RangeError('the file is shorter than its index says')
      at += read
    }
    return bytes.buffer
  }
}

async function open(): Promise<{ about: ParquetAbout; batches: ReadableStreamDefaultReader<unknown> }> {
  const file = openSync(path, 'r')
  const parquet = await ParquetFile.fromFile(new FileSlice(file, 0, fstatSync(file).size))
  const metadata = parquet.metadata()
  const groups = metadata.rowGroups()
  const about = {
    rows: metadata.fileMetadata().numRows(),
    codec: groups[0]?.columns()[0]?.compression() ?? 1,
    groupRows: Math.max(1, ...groups.map((group) => group.numRows())),
    metadata: metadata.fileMetadata().keyValueMetadata() as ReadonlyMap<string, string>,
  }
  const stream = await parquet.stream({ batchSize: batchRecords })
  return { about, batches: stream.getReader() as ReadableStreamDefaultReader<unknown> }
}

export interface ParquetAbout {
  readonly rows: number
  readonly codec: number
  readonly groupRows: number
  readonly metadata: ReadonlyMap<string, string>
}

export type Answer =
  | { readonly about: ParquetAbout }
  | { readonly batch: Uint8Array; readonly rows: number }
  | { readonly end: true }
  | { readonly failure: string }

/** The reader's words, without the prefixes that say again what they are about. */
const failureOf = (error: unknown) =>
  String(error)
    .replace(/^Error: /, '')
    .replace(/^Parquet error: /, '')

const opened = open()
const port = parentPort

function send(answer: Answer, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(answer, transfer)
}

opened.then(
  ({ about }) => send({ about }),
  (error: unknown) => send({ failure: failureOf(error) }),
)

port?.on('message', () => {
  next().catch((error: unknown) => send({ failure: failureOf(error) }))
})

async function next(): Promise<void> {
  const { batches } = await opened
  const { done, value } = await batches.read()
  if (done) return send({ end: true })
  const batch = value as { readonly numRows: number; intoIPCStream(): Uint8Array<ArrayBuffer> }
  const rows = batch.numRows
  const bytes = batch.intoIPCStream()
  send({ batch: bytes, rows }, [bytes.buffer])
}
