import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { TasterError, type Problem } from '../core/errors.ts'
import { assembleBaseline } from './assemble.ts'
import type { Baseline } from './baseline.ts'
import { digestOf, manifestText } from './digest.ts'
import { digestFile, digestLine, manifestFile, readFolder, type Folder } from './folder.ts'
import { partBytes, partsFolder, pathOf } from './parts.ts'

/**
 * Writes a baseline to a folder, whole or not at all: beside it first, then renamed into place. A folder that holds
 * this very baseline is left as it is. Throws BASELINE_MISMATCH where another baseline stands there (`replace` puts this
 * one in its place) or something that is not a baseline, OUTPUT_FAILED where the disk refuses.
 */
export async function saveBaseline(baseline: Baseline, folder: string, { replace = false } = {}): Promise<void> {
  const target = resolve(folder)
  const present = await presentIn(target)
  if (present === baseline.digest) return
  if (present === 'other files') {
    throw new TasterError('BASELINE_MISMATCH', `${folder} holds files that are no baseline: name a new folder`)
  }
  if (present !== null && !replace) {
    throw new TasterError(
      'BASELINE_MISMATCH',
      `${folder} holds another baseline, ${present}: name a new folder, or say that it is to be replaced`,
    )
  }
  const files = new Map<string, Uint8Array | string>(partBytes(baseline.encoding, baseline.detectors))
  const text = manifestText(baseline.manifest)
  if (digestOf(text) !== baseline.digest)
    throw new TasterError('INVARIANT_BROKEN', 'a manifest changed after its digest')
  files.set(manifestFile, text).set(digestFile, digestLine(baseline.digest))
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeBeside(target, files, present !== null)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TasterError('OUTPUT_FAILED', `The baseline could not be written to ${folder}: ${why}`, { cause })
  }
}

interface Expected {
  readonly expectDigest?: string
}

/**
 * Reads a baseline, verifying every byte of it. Throws INPUT_NOT_FOUND, BASELINE_CORRUPT with every problem, and
 * BASELINE_MISMATCH where it is not the one expected, or was made with components that this version does not have.
 */
export async function loadBaseline(folder: string, expected: Expected = {}): Promise<Baseline> {
  return baselineOf(folder, await readFolder(folder), expected)
}

/** Everything that is wrong with a stored baseline; no problems: it loads. Throws INPUT_NOT_FOUND. */
export async function verifyBaseline(
  folder: string,
  expected: Expected = {},
): Promise<{ readonly digest: string | null; readonly problems: readonly Problem[] }> {
  let digest: string | null = null
  try {
    const read = await readFolder(folder)
    digest = read.digest
    await baselineOf(folder, read, expected)
    return { digest, problems: [] }
  } catch (error) {
    if (!(error instanceof TasterError) || error.code === 'INPUT_NOT_FOUND') throw error
    if (error.problems.length > 0) return { digest, problems: error.problems }
    return {
      digest,
      problems: [{ where: folder, message: error.message, remedy: 'fit it again, or name another folder' }],
    }
  }
}

async function baselineOf(folder: string, read: Folder, { expectDigest }: Expected): Promise<Baseline> {
  const { manifest, digest, parts, problems } = read
  if (manifest === null || digest === null || problems.length > 0) {
    const [first] = problems
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
    throw new TasterError(
      'BASELINE_CORRUPT',
      `The baseline in ${folder} is not what was fitted: ${first?.where}: ${first?.message}${more}`,
      { problems },
    )
  }
  if (expectDigest !== undefined && expectDigest !== digest) {
    throw new TasterError(
      'BASELINE_MISMATCH',
      `The baseline in ${folder} is ${digest}, and ${expectDigest} is expected: name the right folder, or pin this digest if people approved it`,
    )
  }
  return assembleBaseline(manifest, digest, parts)
}

/** What stands at a path: a baseline's digest, other files, or nothing. */
async function presentIn(target: string): Promise<string | null> {
  const list = (folder: string) =>
    readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return []
      throw new TasterError('OUTPUT_FAILED', `${folder} cannot be written to: ${error.message}`, { cause: error })
    })
  const names = await list(target)
  if (names.length === 0) return null
  // a file that is not ours must not go with a baseline that is replaced
  const parts = names.includes(partsFolder) ? await list(join(target, partsFolder)) : []
  const ours =
    names.every((name) => topNames.has(name)) && parts.every((name) => /^[a-z0-9-]+\.[a-z]+\.bin$/.test(name))
  if (!ours || !names.includes(manifestFile)) return 'other files'
  const { digest, problems } = await readFolder(target).catch(() => ({ digest: null, problems: [true] }))
  return digest === null || problems.length > 0 ? 'a damaged one' : digest
}

const topNames: ReadonlySet<string> = new Set([manifestFile, digestFile, partsFolder, pathOf.encoder, pathOf.reference])

async function writeBeside(target: string, files: ReadonlyMap<string, Uint8Array | string>, replaces: boolean) {
  const beside = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  try {
    const fresh = join(beside, 'new')
    await mkdir(join(fresh, partsFolder), { recursive: true })
    for (const [path, bytes] of files) {
      const file = await open(join(fresh, path), 'wx')
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    if (replaces) await rename(target, join(beside, 'old'))
    await rename(fresh, target)
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}
