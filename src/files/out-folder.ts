import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { TasterError } from '../core/errors.ts'
import type { Decision } from '../core/verdict.ts'
import { outputFailed } from './output.ts'

const incomplete = '.incomplete'

// In the order in which they are put in place: where `clean` stands, the rest does.
const entries = ['events.ndjson', 'dead-letter', 'quarantine', 'clean']

export function folderOf(decision: Decision): string {
  return decision === 'pass' ? 'clean' : decision
}

/** Makes the folder in which output grows until it is complete. What a run that broke off left there is removed. */
export function prepare(out: string, overwrite: boolean): string {
  const made = join(out, incomplete)
  try {
    makeFolder(resolve(out))
    const others = readdirSync(out).filter((name) => name !== incomplete)
    if (others.length > 0 && !overwrite)
      throw new TasterError(
        'CONFIG_INVALID',
        `The output folder ${out} is not empty. Choose a new folder, or say that it may be overwritten: --force.`,
      )
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made)
    for (const folder of entries.filter((name) => name !== 'events.ndjson')) mkdirSync(join(made, folder))
    return made
  } catch (error) {
    throw outputFailed(out, error)
  }
}

/** Folder by folder: in one step, a read-only disk would be reported as a missing folder. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Puts complete output in place, over what an earlier run put there. */
export function publish(out: string, made: string): void {
  try {
    for (const name of entries.toReversed()) rmSync(join(out, name), { recursive: true, force: true })
    for (const name of entries) renameSync(join(made, name), join(out, name))
    rmSync(made, { recursive: true, force: true })
  } catch (error) {
    throw outputFailed(out, error)
  }
}

/** Output inside the input would be read as input the next time; input inside the output could be overwritten. */
export function refuseOverlap(out: string, files: readonly string[], given: readonly string[]): void {
  const real = realOf(resolve(out))
  const folders = given.map((path) => realOf(resolve(path)))
  const inside = folders.find((folder) => isWithin(real, folder))
  const over = [...files.map((file) => realOf(file)), ...folders].find((file) => isWithin(file, real))
  if (inside === undefined && over === undefined) return
  throw new TasterError(
    'CONFIG_INVALID',
    `The output folder ${out} and the input ${inside ?? over} lie in each other. Choose an output folder elsewhere.`,
  )
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** The path without links, as far as it exists. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realOf(parent), path.slice(parent.length))
}
