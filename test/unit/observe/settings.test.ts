import { describe, expect, it } from 'vitest'
import { TasterError } from '../../../src/core/errors.ts'
import { settingsFrom } from '../../../src/observe/settings.ts'

const problemsOf = (env: Readonly<Record<string, string>>) => {
  try {
    settingsFrom(env)
  } catch (error) {
    if (error instanceof TasterError) return { code: error.code, message: error.message, problems: error.problems }
  }
  return null
}

describe('the settings of what observes', () => {
  it('answer this machine alone unless told otherwise', () => {
    const defaults = { level: 'info', host: '127.0.0.1', port: 9464, watchdogSeconds: 300 }
    expect(settingsFrom({})).toEqual(defaults)
    expect(settingsFrom({ LOG_LEVEL: '', TASTER_HTTP_HOST: '', TASTER_HTTP_PORT: '' })).toEqual(defaults)
  })

  it('come from the environment', () => {
    expect(
      settingsFrom({
        LOG_LEVEL: 'WARN',
        TASTER_HTTP_HOST: '0.0.0.0',
        TASTER_HTTP_PORT: '0',
        TASTER_WATCHDOG_SECONDS: '30',
      }),
    ).toEqual({ level: 'warn', host: '0.0.0.0', port: 0, watchdogSeconds: 30 })
  })

  it('are refused with every problem and its remedy', () => {
    const refused = problemsOf({ LOG_LEVEL: 'loud', TASTER_HTTP_PORT: '65536', TASTER_WATCHDOG_SECONDS: '0' })
    expect(refused?.code).toBe('CONFIG_INVALID')
    expect(refused?.problems.map(({ where }) => where).toSorted()).toEqual([
      'LOG_LEVEL',
      'TASTER_HTTP_PORT',
      'TASTER_WATCHDOG_SECONDS',
    ])
    expect(refused?.problems[1]?.remedy).toContain('set it to a whole number from 0 to 65535')
  })

  it.each(['1.5', '-1', '1e3', ' 80', '0x50', 'http'])('take no port %j', (port) => {
    expect(problemsOf({ TASTER_HTTP_PORT: port })?.problems).toHaveLength(1)
  })
})
