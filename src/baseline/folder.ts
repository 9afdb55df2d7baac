import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TasterError, type Problem } from '../core/errors.ts'
import { digestOf, manifestText } from './digest.ts'
import { manifestSchema, type Manifest } from './manifest.ts'
import { partsFolder, pathsOf } from './parts.ts'

export const manifestFile = 'baseline.json'
/** Beside the manifest, in the form that `sha256sum --check` reads: a changed manifest shows without a pinned digest. */
export const digestFile = 'baseline.json.sha256'
const format = manifestSchema.shape.format.value

const largestManifest = 16 * 2 ** 20
const largestPart = 2 ** 31 - 1

/** What a folder holds, as far as it could be read, and everything that is wrong with it. */
export interface Folder {
  readonly manifest: Manifest | null
  readonly digest: string | null // of the manifest as it stands
  readonly parts: ReadonlyMap<string, Uint8Array> // those whose size and digest are right
  readonly problems: readonly Problem[]
}

export const digestLine = (digest: string): string => `${digest.slice('sha256:'.length)}  ${manifestFile}\n`

const remedy = 'restore the baseline from a copy, or fit it again'

/**
 * Reads the folder of a baseline and verifies the size and the digest of every file in it. Only paths made of our own
 * names are opened, no symbolic link is followed, and nothing is allocated by a size that is not the file's own.
 * Throws INPUT_NOT_FOUND where there is no folder, BASELINE_MISMATCH where the manifest has another format.
 */
export async function readFolder(folder: string): Promise<Folder> {
  const problems: Problem[] = []
  const wrong = (path: string, message: string) => {
    problems.push({ where: join(folder, path), message, remedy })
  }
  const attempt = async (path: string, limit: number) => {
    try {
      return await readWhole(join(folder, path), limit)
    } catch (error) {
      wrong(path, error instanceof Error ? error.message : String(error))
      return null
    }
  }

  const present = await entriesOf(folder)
  const text = await attempt(manifestFile, largestManifest)
  const digest = text === null ? null : digestOf(text)
  const line = await attempt(digestFile, 1024)
  if (digest !== null && line !== null && Buffer.from(line).toString('latin1') !== digestLine(digest)) {
    wrong(digestFile, `it does not name the digest of ${manifestFile}, ${digest}: one of them was changed`)
  }
  const manifest = text === null ? null : parseManifest(folder, text, wrong)
  const parts = new Map<string, Uint8Array>()
  const expected = new Set([manifestFile, digestFile])
  if (manifest !== null) {
    const paths = pathsOf(manifest.detectors.map(({ name }) => name))
    paths.forEach((path) => expected.add(path))
    if (manifest.parts.map(({ path }) => path).join('\n') !== paths.join('\n')) {
      wrong(manifestFile, 'its list of parts is not that of its detectors')
    } else {
      for (const { path, bytes: size, digest: right } of manifest.parts) {
        const bytes = await attempt(path, largestPart)
        if (bytes === null) continue
        if (bytes.length !== size) wrong(path, `it has ${bytes.length} bytes where the manifest says ${size}`)
        else if (digestOf(bytes) !== right) wrong(path, 'its bytes are not those that the manifest gives the digest of')
        else parts.set(path, bytes)
      }
    }
    for (const path of present.filter((each) => !expected.has(each))) {
      wrong(path, 'it is not part of the baseline: nothing else may stand in the folder')
    }
  }
  return { manifest, digest, parts, problems }
}

function parseManifest(folder: string, text: Uint8Array, wrong: (path: string, message: string) => void) {
  let raw: unknown
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text))
  } catch {
    wrong(manifestFile, 'it is not JSON')
    return null
  }
  const other = typeof raw === 'object' && raw !== null && 'format' in raw ? raw.format : undefined
  if (typeof other === 'string' && other !== format) {
    throw new TasterError(
      'BASELINE_MISMATCH',
      `The baseline in ${folder} has the format ${JSON.stringify(other.slice(0, 60))}, and this version of Taster reads ${format}: fit it again`,
    )
  }
  const parsed = manifestSchema.safeParse(raw)
  const [issue] = parsed.error?.issues ?? []
  if (!parsed.success) {
    wrong(manifestFile, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not a manifest'}`)
    return null
  }
  // One manifest, one text: a repeated key or a changed order would be read as something else than what was signed.
  try {
    if (manifestText(parsed.data) === new TextDecoder().decode(text)) return parsed.data
  } catch {
    // nested too deep to be written: not ours
  }
  wrong(manifestFile, 'it is not written as Taster writes it')
  return null
}

/** Every path below a folder, one level of parts deep; folders only where they should not be. */
async function entriesOf(folder: string): Promise<string[]> {
  const list = async (below: string) => {
    const entries = await readdir(join(folder, below), { withFileTypes: true })
    return entries.map((entry) => ({ path: below === '' ? entry.name : `${below}/${entry.name}`, entry }))
  }
  try {
    const top = await list('')
    const parts = top.some(({ path, entry }) => path === partsFolder && entry.isDirectory())
      ? await list(partsFolder)
      : []
    return [...top.filter(({ path, entry }) => !(path === partsFolder && entry.isDirectory())), ...parts].map(
      ({ path }) => path,
    )
  } catch (cause) {
    throw new TasterError(
      'INPUT_NOT_FOUND',
      `There is no baseline in ${folder}: give the folder that taster baseline fit wrote`,
      { cause },
    )
  }
}

/** A regular file's bytes. Throws in plain words where it is missing, not a regular file, or too large. */
async function readWhole(path: string, limit: number): Promise<Uint8Array> {
  const before = await lstat(path).catch(() => {
    throw new Error('it is missing')
  })
  if (!before.isFile()) throw new Error('it is not a regular file')
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    throw new Error(`it cannot be opened: ${error instanceof Error ? error.message : String(error)}`)
  })
  try {
    const { size } = await file.stat()
    if (size > limit) throw new Error(`it has ${size} bytes, and at most ${limit} are read`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
