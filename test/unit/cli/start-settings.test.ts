import { describe, expect, it } from 'vitest'
import { startSettings } from '../../../src/cli/start-settings.ts'
import { TasterError } from '../../../src/core/errors.ts'

describe('what is set beside pipeline files', () => {
  it('has its brokers from the flag, or from the environment', () => {
    const env = { KAFKA_BROKERS: 'there:9092', TASTER_HTTP_PORT: '0' }
    expect(startSettings({}, env)).toMatchObject({ connection: { brokers: ['there:9092'] }, observed: { port: 0 } })
    expect(startSettings({ brokers: 'here:9093' }, env).connection.brokers).toEqual(['here:9093'])
  })

  it('is refused with all that is wrong of it', () => {
    const env = { KAFKA_CLIENT_ID: 'a b', TASTER_HTTP_PORT: 'high', LOG_LEVEL: 'loud' }
    const problems = () => {
      try {
        startSettings({}, env)
      } catch (error) {
        if (error instanceof TasterError && error.code === 'CONFIG_INVALID') return error.problems
      }
      return []
    }
    expect(problems().map(({ where }) => where)).toEqual([
      'KAFKA_BROKERS',
      'KAFKA_CLIENT_ID',
      'LOG_LEVEL',
      'TASTER_HTTP_PORT',
    ])
  })
})
