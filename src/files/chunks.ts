import { createReadStream } from 'node:fs'
import type { Compression } from './format.ts'
import { gunzipped } from './gunzip.ts'
import { unzstd } from './unzstd.ts'

const chunkBytes = 256 * 1024

export function fileChunks(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: chunkBytes })
}

/**
 * Decompresses bytes as they come. Input goes in by small parts, so that a file of a few bytes that unfolds into
 * gigabytes is never in memory as a whole. Throws Damage, after having given all that could be decompressed.
 * `path` is the file that the bytes come from, where it can be read again: for the last bytes before damage in gzip, and
 * to hold zstd against its checksums before any of it is given.
 */
export function decompressed(
  from: AsyncIterable<Uint8Array>,
  compression: Compression,
  path?: string,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return from
    case 'gzip':
      return gunzipped(from, path)
    case 'zstd':
      return unzstd(from, path)
  }
}
