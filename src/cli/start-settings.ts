import { TasterError, type Problem } from '../core/errors.ts'
import type { Connection } from '../kafka/connection.ts'
import { settingsFrom, type Settings } from '../observe/settings.ts'
import { connectionOf, type BrokerFlags, type Environment } from './brokers.ts'

export interface StartSettings {
  readonly connection: Connection
  readonly observed: Settings
}

/** What is set beside pipeline files. Throws CONFIG_INVALID with every problem at once. */
export function startSettings(flags: BrokerFlags, env: Environment): StartSettings {
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
  if (connection !== null && observed !== null) return { connection, observed }
  throw new TasterError('CONFIG_INVALID', 'Environment variables ask for what cannot be', { problems })
}
