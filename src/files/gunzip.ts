import { createReadStream } from 'node:fs'
import { constants, createGunzip } from 'node:zlib'
import { Damage, damaged } from './damage.ts'

const partBytes = 16 * 1024

interface Gunzip {
  /** Takes compressed bytes and gives what they hold. After `failure` is set, nothing more. */
  push(part: Uint8Array): Promise<readonly Uint8Array[]>
  end(): Promise<readonly Uint8Array[]>
  failure(): Error | undefined
  close(): void
}

function openGunzip(): Gunzip {
  const gunzip = createGunzip({ chunkSize: 256 * 1024, flush: constants.Z_SYNC_FLUSH })
  let out: Uint8Array[] = []
  let failure: Error | undefined
  let ended = false
  let settled = (): void => undefined
  gunzip.on('data', (chunk: Uint8Array) => out.push(chunk))
  gunzip.on('error', (error) => {
    failure = error
    settled()
  })
  gunzip.on('end', () => {
    ended = true
    settled()
  })
  const take = (): Uint8Array[] => {
    const taken = out
    out = []
    return taken
  }
  return {
    async push(part) {
      const before = gunzip.bytesWritten
      // After an error, or where the stream takes padding for its end, the write is never called back.
      if (!ended)
        await new Promise<void>((done) => {
          settled = done
          gunzip.write(part, () => done())
        })
      const rest = ended ? part.subarray(gunzip.bytesWritten - before) : new Uint8Array()
      if (rest.some((byte) => byte !== 0)) failure = new Error('something follows the padding at its end')
      return take()
    },
    async end() {
      if (!ended)
        await new Promise<void>((done) => {
          settled = done
          gunzip.end()
        })
      return take()
    },
    failure: () => failure,
    close: () => void gunzip.destroy(),
  }
}

function* parts(chunk: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
}

/** Members of gzip, one after another, and padding of zeros behind them. Throws Damage. */
export async function* gunzipped(
  from: AsyncIterable<Uint8Array>,
  path: string | undefined,
): AsyncGenerator<Uint8Array> {
  const gunzip = openGunzip()
  let read = 0
  let given = 0
  try {
    for await (const chunk of from)
      for (const part of parts(chunk, partBytes)) {
        for (const bytes of await gunzip.push(part)) {
          given += bytes.length
          yield bytes
        }
        const failure = gunzip.failure()
        if (failure !== undefined) {
          if (path !== undefined) yield* upTo(path, read, part, given)
          throw damaged('gzip', failure)
        }
        read += part.length
      }
    if (read === 0) throw new Damage('the gzip data breaks off or is damaged: the file is empty')
    yield* await gunzip.end()
    const failure = gunzip.failure()
    if (failure !== undefined) throw damaged('gzip', failure)
  } finally {
    gunzip.close()
  }
}

/**
 * What lies between the bytes given and the damage in a part: zlib drops it together with the part. So the file is read
 * once more, its first `read` bytes as before and the part byte by byte.
 */
async function* upTo(path: string, read: number, part: Uint8Array, given: number): AsyncGenerator<Uint8Array> {
  const gunzip = openGunzip()
  let known = given
  const unknown = (bytes: Uint8Array): Uint8Array => {
    const fresh = bytes.subarray(Math.min(known, bytes.length))
    known -= bytes.length - fresh.length
    return fresh
  }
  try {
    if (read > 0)
      for await (const chunk of createReadStream(path, { end: read - 1 }))
        for (const before of parts(chunk as Uint8Array, partBytes))
          for (const bytes of await gunzip.push(before)) yield unknown(bytes)
    for (let at = 0; at < part.length && gunzip.failure() === undefined; at++)
      for (const bytes of await gunzip.push(part.subarray(at, at + 1))) yield unknown(bytes)
  } finally {
    gunzip.close()
  }
}
