import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Assets } from '../core/encoder.ts'
import { TasterError } from '../core/errors.ts'

/**
 * The files of assets/<name>, each verified against the folder's SHA256SUMS. Throws BASELINE_CORRUPT where a file is
 * missing or differs. The name comes from an encoder, never from data.
 */
export async function loadAsset(name: string): Promise<Assets> {
  const folder = join(packageRoot(), 'assets', name)
  const listed = (await read(folder, 'SHA256SUMS')).toString('utf8').split('\n').filter(Boolean)
  const files = await Promise.all(
    listed.map(async (line): Promise<[string, Uint8Array]> => {
      const [, digest, file] = /^([0-9a-f]{64}) [ *]([\w.-]+)$/.exec(line) ?? []
      if (digest === undefined || file === undefined)
        throw corrupt(join(folder, 'SHA256SUMS'), `holds the line "${line}"`)
      const bytes = await read(folder, file)
      if (createHash('sha256').update(bytes).digest('hex') !== digest) {
        throw corrupt(join(folder, file), 'does not have the digest that SHA256SUMS gives')
      }
      return [file, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)]
    }),
  )
  return new Map(files)
}

/** One digest of all files, by name and content: `sha256:…`. */
export function assetDigest(assets: Assets): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...assets].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
  }
  return `sha256:${hash.digest('hex')}`
}

// This file runs from src/ and from dist/src/: the root is the nearest folder above that has a package.json.
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw corrupt(fileURLToPath(import.meta.url), 'does not stand below a package.json')
    folder = above
  }
  return folder
}

async function read(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file))
  } catch (cause) {
    throw corrupt(join(folder, file), 'cannot be read', cause)
  }
}

function corrupt(path: string, what: string, cause?: unknown): TasterError {
  return new TasterError('BASELINE_CORRUPT', `${path} ${what}. Install Taster again`, { cause })
}
