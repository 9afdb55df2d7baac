import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { TasterError } from '../core/errors.ts'

/** The name of the folder in which output grows; folders that a run is about to claim or to remove begin with it too. */
export const incomplete = '.incomplete'

interface Owner {
  readonly run: string
  readonly pid: number
  readonly host: string
  readonly started: string // of the process: its number is given again to others
}

const ours = new Set<string>() // runs of this process

/**
 * Claims the folder in which the output of `out` grows. It appears with its owner's name in it, in one step, so that of
 * two runs one gets it. What a run that died left there is removed; what one that lives has is CONFIG_INVALID.
 */
export function claim(out: string): string {
  const run = randomUUID()
  const folder = join(out, incomplete)
  const next = `${folder}-${run}`
  ours.add(run)
  try {
    mkdirSync(next)
    writeFileSync(
      ownerPath(next),
      JSON.stringify({ run, pid: process.pid, host: hostname(), started: startOf('self') }),
    )
    removeDead(out, folder, `${folder}-dead-${run}`)
    renameSync(next, folder)
    return folder
  } catch (error) {
    ours.delete(run)
    rmSync(next, { recursive: true, force: true })
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      throw taken(out, folder)
    throw error
  }
}

/** Whether the folder is still that of a run of this process. */
export function isOurs(folder: string): boolean {
  const owner = ownerOf(folder)
  return owner !== undefined && owner.pid === process.pid && ours.has(owner.run)
}

/** Removes the folder where it is ours. */
export function release(folder: string): void {
  const owner = ownerOf(folder)
  if (owner === undefined || !isOurs(folder)) return
  rmSync(folder, { recursive: true, force: true })
  ours.delete(owner.run)
}

function removeDead(out: string, folder: string, aside: string): void {
  if (!existsSync(folder)) return
  if (lives(ownerOf(folder))) throw taken(out, folder)
  renameSync(folder, aside)
  // Another run may have claimed it since: then it goes back.
  if (lives(ownerOf(aside))) {
    renameSync(aside, folder)
    throw taken(out, folder)
  }
  rmSync(aside, { recursive: true, force: true })
}

function taken(out: string, folder: string): TasterError {
  return new TasterError(
    'CONFIG_INVALID',
    `Another run of Taster is writing to the output folder ${out}. Wait for it or choose another folder; ` +
      `if it ran on another machine and is gone, remove ${folder}.`,
  )
}

function lives(owner: Owner | undefined): boolean {
  if (owner === undefined) return false
  if (owner.host !== hostname()) return true
  if (owner.pid === process.pid) return ours.has(owner.run)
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return owner.started === startOf(owner.pid)
}

const ownerPath = (folder: string) => join(folder, 'owner.json')

function ownerOf(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(ownerPath(folder), 'utf8')) as Owner
  } catch {
    return undefined
  }
}

/** When a process started, in ticks since boot, where the system tells: field 22 of /proc/<pid>/stat (proc(5)). */
function startOf(pid: number | 'self'): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
