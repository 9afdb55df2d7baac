import { TasterError, type Problem } from '../core/errors.ts'

export const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type Level = (typeof levels)[number]

export interface Settings {
  readonly level: Level
  readonly host: string // to listen on
  readonly port: number // 0: any free one
  readonly watchdogSeconds: number
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * How a process is observed, from environment variables: LOG_LEVEL, TASTER_HTTP_HOST, TASTER_HTTP_PORT and
 * TASTER_WATCHDOG_SECONDS. An empty variable counts as not set. Without TASTER_HTTP_HOST only this machine is answered,
 * since nobody is asked who they are. Throws CONFIG_INVALID with every problem at once.
 */
export function settingsFrom(env: Environment): Settings {
  const problems: Problem[] = []
  const text = (name: string, otherwise: string) =>
    env[name] === undefined || env[name] === '' ? otherwise : env[name]
  const whole = (name: string, otherwise: number, least: number, most: number): number => {
    const given = text(name, String(otherwise))
    const value = /^\d{1,10}$/.test(given) ? Number(given) : NaN
    if (value >= least && value <= most) return value
    const remedy = `set it to a whole number from ${least} to ${most}, or leave it unset for ${otherwise}`
    problems.push({ where: name, message: 'is no number that it can be', remedy })
    return otherwise
  }
  const given = text('LOG_LEVEL', 'info').toLowerCase()
  const level = levels.find((each) => each === given)
  if (level === undefined)
    problems.push({ where: 'LOG_LEVEL', message: 'is no level', remedy: `set it to one of ${levels.join(', ')}` })
  const settings: Settings = {
    level: level ?? 'info',
    host: text('TASTER_HTTP_HOST', '127.0.0.1'),
    port: whole('TASTER_HTTP_PORT', 9464, 0, 65_535),
    watchdogSeconds: whole('TASTER_WATCHDOG_SECONDS', 300, 1, 86_400),
  }
  if (problems.length === 0) return settings
  throw new TasterError('CONFIG_INVALID', 'Environment variables ask for what cannot be', { problems })
}
