import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { TasterError } from '../core/errors.ts'
import type { Decision } from '../core/verdict.ts'
import { outputFailed } from './output.ts'
import { claim, incomplete, isOurs, release } from './work-folder.ts'

const folders = ['dead-letter', 'quarantine', 'clean']

// In the order in which they are put in place: where `clean` stands, the rest does.
const entries = ['baseline', 'report.txt', 'report.json', 'events.ndjson', ...folders]

export function folderOf(decision: Decision): string {
  return decision === 'pass' ? 'clean' : decision
}

/** Makes the folder in which output grows until it is complete. Throws CONFIG_INVALID where another run has one. */
export function prepare(out: string, overwrite: boolean): string {
  try {
    makeFolder(resolve(out))
    const others = readdirSync(out).filter((name) => !name.startsWith(incomplete))
    if (others.length > 0 && !overwrite)
      throw new TasterError(
        'CONFIG_INVALID',
        `The output folder ${out} is not empty. Choose a new folder, or say that it may be overwritten: --force.`,
      )
    const made = claim(out)
    for (const folder of folders) mkdirSync(join(made, folder))
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

/**
 * Puts complete output in place of what an earlier run put there. A baseline there stays where there is no new one, since
 * this run may have judged by it. Where a step fails, what was there is put back.
 */
export function publish(out: string, made: string): void {
  if (!isOurs(made))
    throw new TasterError('OUTPUT_FAILED', `Cannot write ${out}: something else removed or replaced ${made}.`)
  const before = join(made, 'before')
  const moved: (readonly [from: string, to: string])[] = []
  const move = (name: string, from: string, to: string): void => {
    if (!existsSync(join(from, name))) return
    renameSync(join(from, name), join(to, name))
    moved.push([join(from, name), join(to, name)])
  }
  try {
    mkdirSync(before)
    for (const name of entries.toReversed())
      if (name !== 'baseline' || existsSync(join(made, name))) move(name, out, before)
    for (const name of entries) move(name, made, out)
  } catch (error) {
    for (const [from, to] of moved.toReversed()) renameSync(to, from)
    throw outputFailed(out, error)
  }
  release(made)
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

/** Output in place of the baseline that is judged by would destroy it. */
export function refuseBaseline(out: string, baseline: string): void {
  if (!isWithin(realOf(resolve(out)), realOf(resolve(baseline)))) return
  throw new TasterError(
    'CONFIG_INVALID',
    `The output folder ${out} lies in the baseline ${baseline}. Choose an output folder elsewhere.`,
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
