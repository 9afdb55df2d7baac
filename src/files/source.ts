import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { TasterError } from '../core/errors.ts'
import type { Delivery, Outcome, Source } from '../core/line.ts'
import type { Message } from '../core/message.ts'
import { defaultLimits, type Limits } from '../engine/decode/limits.ts'
import { fileChunks } from './chunks.ts'
import { compressionOf, formatOf, isTabSeparated, type Compression, type Format } from './format.ts'
import { listInputs, type Input, type Skipped } from './inputs.ts'
import { readArrow } from './read-arrow.ts'
import { readParquet } from './read-parquet.ts'
import { readText } from './read-text.ts'
import type { Item, Opened, Reader, Reading } from './reading.ts'
import type { Sink } from './sink.ts'
import { openStandardInput } from './standard-input.ts'

export interface FilesOptions {
  readonly batchRecords: number
  readonly limits?: Limits
  readonly format?: Format // what the files are, where their names do not tell
  readonly stdin?: Readable // read for the path `-`
  readonly sink?: Sink // where commit writes; without one, files are only read
}

/** What has been read of one file. */
export interface FileReport {
  readonly name: string
  readonly format: Format
  readonly compression: Compression
  rows: number
  bytes: number // as stored
  done: boolean
  damage: string | undefined // why the file could not be read to its end
}

export interface FilesSource extends Source {
  readonly files: readonly FileReport[] // grows while the source is read; a file of no rows has rows 0
  readonly skipped: readonly Skipped[]
  readonly totalBytes: number // as stored; 0 for standard input
  readBytes(): number
  /** The messages of the first delivery, which is still delivered. None where there is no row. */
  peek(): Promise<readonly Message[]>
}

const readers: { readonly [of in Format]: Reader } = {
  lines: readText,
  json: readText,
  csv: readText,
  parquet: readParquet,
  'arrow-file': readArrow,
  'arrow-stream': readArrow,
}

/**
 * Files as a source, one after another, in batches of `batchRecords` rows that never span files. `-` is standard input.
 * Throws TasterError INPUT_NOT_FOUND or INPUT_UNSUPPORTED before anything is read. What lies in the files is never an
 * error: a row or a file that cannot be read is a message that decode rejects.
 */
export async function openFiles(paths: readonly string[], options: FilesOptions): Promise<FilesSource> {
  const { batchRecords, sink } = options
  const limits = options.limits ?? defaultLimits
  const folder = sink === undefined ? mkdtempSync(join(tmpdir(), 'taster-')) : sink.spoolFolder
  const spoolFolder = sink === undefined ? undefined : folder
  const files: FileReport[] = []
  let current: { readonly bytes: () => number } = { bytes: () => 0 }
  let doneBytes = 0

  if (paths.includes('-') && paths.length > 1)
    throw new TasterError(
      'INPUT_UNSUPPORTED',
      'Standard input (-) cannot be read together with files: give one or the other.',
    )
  const fromStandardInput = paths[0] === '-'
  const { inputs, skipped } = fromStandardInput
    ? { inputs: [], skipped: [] }
    : listInputs(paths, options.format !== undefined)
  sink?.refuseInputs(
    inputs.map(({ path }) => path),
    fromStandardInput ? [] : paths,
  )

  async function* opened(): AsyncGenerator<Opened> {
    if (fromStandardInput)
      yield openStandardInput(options.stdin ?? process.stdin, { ...options, limits, folder, spoolFolder })
    for (const input of inputs) yield openInput(input)
  }

  function openInput({ path, name }: Input): Opened {
    return {
      name,
      path,
      format: options.format ?? formatOf(path) ?? 'lines',
      compression: compressionOf(path),
      tabs: isTabSeparated(path),
      timestamp: Math.trunc(statSync(path).mtimeMs),
      chunks: fileChunks(path),
      batchRecords,
      limits,
      spoolFolder,
    }
  }

  async function* deliveries(): AsyncGenerator<Delivery> {
    for await (const file of opened()) {
      const report: FileReport = { ...pick(file), rows: 0, bytes: 0, done: false, damage: undefined }
      const reading: Reading = { layout: undefined, damage: undefined }
      files.push(report)
      current = { bytes: () => report.bytes }
      const counted = { ...file, chunks: count(file.chunks, report) }
      let waiting = 0
      let read = false
      const endWhenDone = async (): Promise<void> => {
        if (read && waiting === 0) await sink?.end(file.name)
      }
      for await (const items of batches(readers[file.format](counted, reading), batchRecords, limits.batchBytes)) {
        if (report.rows === 0 && reading.layout !== undefined) sink?.declare(file.name, reading.layout)
        report.rows += items.reduce((sum, item) => sum + item.rows, 0)
        const messages = items.map((item) => item.message)
        waiting++
        yield {
          messages,
          async commit(outcome: Outcome) {
            await sink?.write({ ...outcome, batch: { ...outcome.batch, messages } })
            waiting--
            await endWhenDone()
          },
        }
      }
      read = true
      report.done = true
      report.damage = reading.damage
      doneBytes += file.path === undefined ? report.bytes : statSync(file.path).size
      current = { bytes: () => 0 }
      await endWhenDone()
    }
  }

  const iterator = deliveries()
  let peeked: IteratorResult<Delivery> | undefined
  return {
    files,
    skipped,
    totalBytes: inputs.reduce((sum, input) => sum + input.bytes, 0),
    readBytes: () => doneBytes + current.bytes(),
    async peek() {
      peeked ??= await iterator.next()
      return peeked.done === true ? [] : peeked.value.messages
    },
    [Symbol.asyncIterator]: () => ({
      async next() {
        const first = peeked
        peeked = undefined
        return first ?? iterator.next()
      },
      return: () => iterator.return(undefined),
    }),
    async close() {
      await iterator.return(undefined)
      if (sink === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function pick({ name, format, compression }: Opened): Pick<FileReport, 'name' | 'format' | 'compression'> {
  return { name, format, compression }
}

async function* count(chunks: AsyncIterable<Uint8Array>, report: FileReport): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    report.bytes += chunk.length
    yield chunk
  }
}

/** Groups items until the next would make a batch of too many rows, or a batch has bytes enough. */
async function* batches(
  groups: AsyncIterable<readonly Item[]>,
  maxRows: number,
  maxBytes: number,
): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = []
  let rows = 0
  let bytes = 0
  for await (const group of groups)
    for (const item of group) {
      if (batch.length > 0 && (rows + item.rows > maxRows || bytes >= maxBytes)) {
        yield batch
        batch = []
        rows = bytes = 0
      }
      batch.push(item)
      rows += item.rows
      bytes += item.bytes
    }
  if (batch.length > 0) yield batch
}
