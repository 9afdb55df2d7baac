import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { TasterError } from '../core/errors.ts'
import { contentTypes, headers, textHeader } from '../engine/decode/content-type.ts'
import type { Layout } from './layout.ts'
import type { Answer } from './parquet-worker.ts'
import { damagedWhole, messageOf, type Item, type Opened, type Reading } from './reading.ts'

/** Parquet, row group by row group. A message is an Arrow IPC stream of at most `batchRecords` rows. */
export async function* readParquet(file: Opened, reading: Reading): AsyncGenerator<readonly Item[]> {
  if (file.path === undefined || file.compression !== 'none')
    throw new TasterError(
      'INPUT_UNSUPPORTED',
      `${file.name} is a Parquet file inside another compression, which its index cannot be read through. ` +
        `Decompress it first; Parquet compresses its own columns.`,
    )
  const given = [textHeader(headers.contentType, contentTypes.arrow)]
  const worker = new Worker(compiled(new URL('./parquet-worker.ts', import.meta.url)), {
    workerData: { path: file.path, batchRecords: file.batchRecords },
  })
  const layout: Layout = {
    name: file.name,
    format: 'parquet',
    compression: 'none',
    prologue: undefined,
    array: false,
    parquet: undefined,
  }
  reading.layout = layout
  let offset = 0n
  try {
    let answer = await answerOf(worker)
    while (!('end' in answer) && !('failure' in answer)) {
      if ('about' in answer) {
        const { codec, groupRows, metadata } = answer.about
        reading.layout = { ...layout, parquet: { codec, groupRows, metadata } }
      } else {
        const { batch, rows } = answer
        yield [{ message: messageOf(file, offset, batch, given), rows, bytes: batch.length }]
        offset += BigInt(rows)
      }
      worker.postMessage('next')
      answer = await answerOf(worker)
    }
    if ('failure' in answer) reading.damage = `the Parquet file cannot be read: ${answer.failure}`
  } finally {
    await worker.terminate()
  }
  if (reading.damage !== undefined) yield [damagedWhole(file, offset, reading.damage, given)]
}

/** The worker's next answer; its death is an answer too. */
async function answerOf(worker: Worker): Promise<Answer> {
  const stop = new AbortController()
  const { signal } = stop
  try {
    return await Promise.race([
      once(worker, 'message', { signal }).then(([answer]) => answer as Answer),
      once(worker, 'exit', { signal }).then((): Answer => ({ failure: 'its reader gave up' })),
    ])
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  } finally {
    stop.abort()
  }
}

/** Threads run compiled files: beside this one, or in dist/ where this one is run from its source. */
function compiled(source: URL): URL {
  const script = source.href.replace(/\.ts$/, '.js')
  return new URL(import.meta.url.endsWith('.ts') ? script.replace('/src/files/', '/dist/src/files/') : script)
}
