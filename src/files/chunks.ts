import { createReadStream } from 'node:fs'
import { constants, createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import type { Compression } from './format.ts'

/** The input cannot be read on from here: what came before stands. */
export class Damage extends Error {
  override readonly name = 'Damage'
}

const chunkBytes = 256 * 1024

export function fileChunks(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: chunkBytes })
}

/**
 * Decompresses bytes as they come. Input goes in by small parts, so that a file of a few bytes that unfolds into
 * gigabytes is never in memory as a whole. Throws Damage, after having given all that could be decompressed.
 */
export function decompressed(from: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return from
    case 'gzip':
      return gunzipped(from)
    case 'zstd':
      return unzstd(from)
  }
}

function* parts(chunk: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
}

async function* gunzipped(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes, flush: constants.Z_SYNC_FLUSH })
  let out: Uint8Array[] = []
  let failure: Error | undefined
  gunzip.on('data', (chunk: Uint8Array) => out.push(chunk))
  gunzip.on('error', (error) => (failure = error))
  const take = (): Uint8Array[] => {
    const taken = out
    out = []
    return taken
  }
  try {
    for await (const chunk of from)
      for (const part of parts(chunk, 32 * 1024)) {
        await new Promise<void>((done) => gunzip.write(part, () => done()))
        yield* take()
        if (failure !== undefined) throw damaged('gzip', failure)
      }
    await new Promise<void>((done) => {
      gunzip.once('end', done).once('error', () => done())
      gunzip.end()
    })
    yield* take()
    if (failure !== undefined) throw damaged('gzip', failure)
  } finally {
    gunzip.destroy()
  }
}

async function* unzstd(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = []
  const zstd = new Decompress((chunk) => {
    if (chunk.length > 0) out.push(chunk)
  })
  const push = (part: Uint8Array, last: boolean): Damage | undefined => {
    try {
      zstd.push(part, last)
      return undefined
    } catch (error) {
      return damaged('zstd', error)
    }
  }
  const take = (): Uint8Array[] => {
    const taken = out
    out = []
    return taken
  }
  for await (const chunk of from)
    // fzstd may keep what it is given, so each part is a copy of its own.
    for (const part of parts(chunk, 4 * 1024)) {
      const failure = push(part.slice(), false)
      yield* take()
      if (failure !== undefined) throw failure
    }
  const failure = push(new Uint8Array(0), true)
  yield* take()
  if (failure !== undefined) throw failure
}

function damaged(what: string, error: unknown): Damage {
  const message = error instanceof Error ? error.message : String(error)
  return new Damage(`the ${what} data breaks off or is damaged: ${message}`)
}
