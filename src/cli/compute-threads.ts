import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { TasterError } from '../core/errors.ts'
import type { Environment } from './brokers.ts'

export interface ThreadFlags {
  readonly threads?: string
}

const most = 256

/**
 * How many threads may judge streams beside each other: the flag says it, else TASTER_THREADS, else it is one less than
 * the cores that this process may use, which leaves one to the main thread. Throws CONFIG_INVALID.
 */
export function computeThreads({ threads }: ThreadFlags, env: Environment, cores = usableCores): number {
  const given = threads ?? env['TASTER_THREADS'] ?? ''
  if (given === '' && threads === undefined) return Math.min(most, Math.max(1, cores() - 1))
  const count = /^\d{1,3}$/.test(given) ? Number(given) : NaN
  if (count >= 1 && count <= most) return count
  const where = threads === undefined ? 'TASTER_THREADS' : '--threads'
  const message = 'is no number of threads'
  throw new TasterError('CONFIG_INVALID', `${where} ${message}`, {
    problems: [{ where, message, remedy: `give a whole number from 1 to ${most}, or leave it out` }],
  })
}

/** Cores of the machine that the scheduler gives this process, and no more than its control group has time for. */
function usableCores(): number {
  return Math.min(availableParallelism(), coresOfQuota(cpuMax()))
}

/** What a container may use: time for each period in µs (cgroup v2, cpu.max), or `max`. */
export function coresOfQuota(cpuMax: string): number {
  const [quota, period] = cpuMax.trim().split(' ').map(Number)
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? Math.ceil(quota / period) : Infinity
}

function cpuMax(): string {
  try {
    return readFileSync('/sys/fs/cgroup/cpu.max', 'utf8')
  } catch {
    return '' // no Linux, or none of these groups
  }
}
