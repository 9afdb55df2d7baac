import { TasterError, type Problem } from '../core/errors.ts'
import type { Connection } from '../kafka/connection.ts'
import { settingsFrom, type Settings } from '../observe/settings.ts'
import { connectionOf, type BrokerFlags, type Environment } from './brokers.ts'
import { computeThreads, type ThreadFlags } from './compute-threads.ts'

export interface StartSettings {
  readonly connection: Connection
  readonly observed: Settings
  readonly threads: number // compute threads, at most
}

/** What is set beside pipeline files. Throws CONFIG_INVALID with every problem at once. */
export function startSettings(flags: BrokerFlags & ThreadFlags, env: Environment): StartSettings {
  const problems: Problem[] = []
  const read = <T>(from: () => T): T | null => {
    try {
      return from()
    } catch (error) {
      if (!(error instanceof TasterError) || error.code !== 'CONFIG_INVALID') throw error
      problems.push(...error.problems)
      return null
    }
  }
  const connection = read(() => connectionOf(flags, env))
  const observed = read(() => settingsFrom(env))
  const threads = read(() => computeThreads(flags, env))
  if (connection !== null && observed !== null && threads !== null) return { connection, observed, threads }
  throw new TasterError('CONFIG_INVALID', 'Flags or environment variables ask for what cannot be', { problems })
}
