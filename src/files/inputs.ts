import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { TasterError } from '../core/errors.ts'
import { formatOf, readable } from './format.ts'

/** A file to read, and the name it has in positions and in the output folder. */
export interface Input {
  readonly path: string // absolute
  readonly name: string // relative to the folder given, with forward slashes
  readonly bytes: number
}

export interface Skipped {
  readonly path: string
  readonly reason: string
}

/**
 * The files that paths name, folders walked in the order of names. Links are followed to files that lie inside the
 * folder given and nowhere else. `anyFormat`: the user has said what the files are, so their names need not.
 */
export function listInputs(
  paths: readonly string[],
  anyFormat: boolean,
): { readonly inputs: readonly Input[]; readonly skipped: readonly Skipped[] } {
  const found: { path: string; bytes: number }[] = []
  const skipped: Skipped[] = []
  const roots: string[] = []
  for (const path of paths) {
    const absolute = resolve(path)
    const stat = statOf(absolute)
    if (stat === undefined)
      throw new TasterError('INPUT_NOT_FOUND', `There is no file or folder ${path}. Check the path.`)
    roots.push(stat.isDirectory() ? absolute : dirname(absolute))
    if (stat.isDirectory()) walk(absolute, realpathSync(absolute), anyFormat, found, skipped)
    else if (!stat.isFile() || (!anyFormat && formatOf(absolute) === undefined))
      throw new TasterError(
        'INPUT_UNSUPPORTED',
        `${path} is ${stat.isFile() ? 'no format that its name tells' : 'no file'}. ` +
          `Name the format, or give a file that ends in one of ${readable.join(' ')}.`,
      )
    else found.push({ path: absolute, bytes: stat.size })
  }
  const root = commonFolder(roots)
  const unique = new Map(found.map((file) => [file.path, file]))
  const inputs = [...unique.values()].map(({ path, bytes }) => ({
    path,
    bytes,
    name: (relative(root, path) || basename(path)).split(sep).join('/'),
  }))
  const names = new Set(inputs.map(({ name }) => name))
  const besides = (name: string): boolean =>
    sidecars.some((of) => name.endsWith(of) && names.has(name.slice(0, -of.length)))
  for (const { path, name } of inputs)
    if (besides(name)) skipped.push({ path, reason: 'its name is that of a file Taster writes beside another input' })
  return { inputs: inputs.filter(({ name }) => !besides(name)), skipped }
}

const sidecars = ['.reasons.ndjson', '.original']

function walk(
  folder: string,
  root: string,
  anyFormat: boolean,
  found: { path: string; bytes: number }[],
  skipped: Skipped[],
): void {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    skipped.push({ path: folder, reason: 'cannot be read, or its name is not UTF-8' })
    return
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    const skip = (reason: string): void => void skipped.push({ path, reason })
    if (entry.name.startsWith('.') || entry.name.startsWith('_')) skip('hidden')
    else if (entry.isDirectory()) walk(path, root, anyFormat, found, skipped)
    else if (entry.name.endsWith('.reasons.ndjson')) skip('reasons that Taster wrote')
    else if (entry.isSymbolicLink() && !leadsInside(path, root)) skip('a link to a folder or out of the folder given')
    else if (!entry.isFile() && !entry.isSymbolicLink()) skip('no file')
    else if (!anyFormat && formatOf(path) === undefined) skip('unknown ending')
    else {
      const bytes = statOf(path)?.size
      if (bytes === undefined) skip('cannot be found by its name, which is not UTF-8 perhaps')
      else found.push({ path, bytes })
    }
  }
}

/** A link may name a file below the folder given; links to folders could run in circles. */
function leadsInside(path: string, root: string): boolean {
  if (statOf(path)?.isFile() !== true) return false
  return realpathSync(path).startsWith(root + sep)
}

/** Undefined where the path leads nowhere: to nothing, or in a circle. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

function commonFolder(folders: readonly string[]): string {
  const parts = folders.map((folder) => folder.split(sep))
  const first = parts[0] ?? []
  const length = first.findIndex((part, i) => parts.some((other) => other[i] !== part))
  return (length === -1 ? first : first.slice(0, length)).join(sep) || sep
}
