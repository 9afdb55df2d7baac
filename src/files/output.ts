import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { TasterError } from '../core/errors.ts'
import type { Compression } from './format.ts'

/** A file being written. `append` only takes; `flush` writes once enough has gathered. */
export interface Output {
  append(bytes: Uint8Array): void
  flush(): Promise<void>
  /** Writes what is left and resolves when the disk has it. Whatever happens, the file is closed. */
  close(): Promise<void>
}

const blockBytes = 2 ** 20

/** Compressed files are made of blocks that each stand alone: gzip members and zstd frames, which may follow each other. */
export async function openOutput(path: string, compression: Compression): Promise<Output> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw outputFailed(path, error)
  })
  let parts: Uint8Array[] = []
  let bytes = 0
  let writing: Promise<void> = Promise.resolve()
  const writeBlock = async (block: Buffer): Promise<void> => {
    try {
      await file.writeFile(await compress(block, compression))
    } catch (error) {
      throw outputFailed(path, error)
    }
  }
  /** Starts a block once the one before is written: one is under way while the next gathers. */
  const start = async (): Promise<void> => {
    await writing
    const block = Buffer.concat(parts, bytes)
    parts = []
    bytes = 0
    if (block.length === 0) return
    writing = writeBlock(block)
    writing.catch(() => undefined)
  }
  return {
    append(part) {
      parts.push(part)
      bytes += part.length
    },
    flush: async () => {
      if (bytes >= blockBytes) await start()
    },
    async close() {
      try {
        await start()
        await writing
        await file.sync()
      } catch (error) {
        throw outputFailed(path, error)
      } finally {
        await file.close().catch(() => undefined)
      }
    },
  }
}

const gzipped = promisify(gzip)

async function compress(block: Buffer, compression: Compression): Promise<Uint8Array> {
  if (compression === 'none') return block
  if (compression === 'gzip') return gzipped(block)
  const { compress: zstd } = await import('@mongodb-js/zstd')
  return zstd(block)
}

const causes: { readonly [code: string]: string } = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'writing there is not permitted',
  EPERM: 'writing there is not permitted',
  ENOTDIR: 'part of the path is a file, not a folder',
  EMFILE: 'too many files are open',
}

/** The output cannot be written. Inputs are only ever read, so nothing of them is lost. */
export function outputFailed(path: string, error: unknown): TasterError {
  if (error instanceof TasterError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cause = causes[code] ?? (error instanceof Error ? error.message : String(error))
  return new TasterError(
    'OUTPUT_FAILED',
    `Cannot write ${path}: ${cause}. The input is untouched; make room or permit it, or choose another output folder.`,
    { cause: error },
  )
}
