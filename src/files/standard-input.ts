import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { TasterError } from '../core/errors.ts'
import type { Limits } from '../engine/decode/limits.ts'
import { extensionOf, sniffCompression, sniffFormat, type Format } from './format.ts'
import { outputFailed } from './output.ts'
import type { Opened } from './reading.ts'
import { decompressed } from './chunks.ts'

interface Options {
  readonly batchRecords: number
  readonly limits: Limits
  readonly format?: Format
  readonly folder: string
  readonly spoolFolder: string | undefined
}

/**
 * Standard input as a file. Plain text is read as it comes. Everything else waits in a file in `folder` first: Parquet
 * is read by its index at the end, and of compressed or Arrow input that breaks off the whole must still be at hand.
 */
export async function openStandardInput(stdin: Readable, options: Options): Promise<Opened> {
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const head = await atLeast(chunks, 8)
  const compression = sniffCompression(head)
  // Compressed bytes tell nothing of what is in them until there are enough of them to begin with.
  const first = compression === 'none' ? head : await atLeast(chunks, compressedHead, head)
  const inner = compression === 'none' ? first : await headOf(first, compression)
  const format = options.format ?? sniffFormat(inner)
  if (format === 'parquet' && compression !== 'none')
    throw new TasterError('INPUT_UNSUPPORTED', 'Standard input is a compressed Parquet file: decompress it first.')
  // Objects of which the first fills a line are named as lines, though they are read as any JSON values.
  const begun = compression === 'none' && format === 'json' ? await oneLine(chunks, first) : first
  const lines =
    format === 'json' && options.format === undefined && isRecordLine(compression === 'none' ? begun : inner)
  const all = from(begun, chunks)
  const streams = compression === 'none' && (format === 'lines' || format === 'json' || format === 'csv')
  const path = streams ? undefined : await keep(all, join(options.folder, 'standard-input'))
  return {
    name: 'stdin' + extensionOf(lines ? 'lines' : format, compression),
    path,
    format,
    compression,
    tabs: false,
    timestamp: 0,
    chunks: path === undefined ? all : createReadStream(path),
    batchRecords: options.batchRecords,
    limits: options.limits,
    spoolFolder: options.spoolFolder,
  }
}

const compressedHead = 64 * 1024

async function atLeast(
  chunks: AsyncIterator<Uint8Array>,
  bytes: number,
  begun: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> {
  let head = Buffer.from(begun)
  while (head.length < bytes) {
    const { done, value } = await chunks.next()
    if (done === true) break
    head = Buffer.concat([head, value])
  }
  return head
}

/** Reads on to the end of the first line, within reason. */
async function oneLine(chunks: AsyncIterator<Uint8Array>, begun: Uint8Array): Promise<Uint8Array> {
  let head = begun
  while (!head.includes(lineFeed) && head.length < longestLine) {
    const more = await atLeast(chunks, head.length + 1, head)
    if (more.length === head.length) break
    head = more
  }
  return head
}

const lineFeed = 10
const longestLine = 1024 * 1024

/** Whether the first line is one whole JSON object. */
function isRecordLine(head: Uint8Array): boolean {
  const text = Buffer.from(head)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
  try {
    return text.startsWith('{') && typeof JSON.parse(text.split('\n', 1)[0] ?? '') === 'object'
  } catch {
    return false
  }
}

/** The first decompressed bytes; none where the data is damaged, which reading it will say. */
async function headOf(first: Uint8Array, compression: 'gzip' | 'zstd'): Promise<Uint8Array> {
  try {
    for await (const chunk of decompressed(only(first), compression)) return chunk
  } catch {
    return new Uint8Array()
  }
  return new Uint8Array()
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* from(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  for (let result = await rest.next(); result.done !== true; result = await rest.next()) yield result.value
}

async function keep(chunks: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const file = openSync(path, 'wx')
  try {
    for await (const chunk of chunks) for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at)
  } catch (error) {
    throw outputFailed(path, error)
  } finally {
    closeSync(file)
  }
  return path
}
