import { describe, expect, it } from 'vitest'
import { computeThreads, coresOfQuota } from '../../../src/cli/compute-threads.ts'
import { startSettings } from '../../../src/cli/start-settings.ts'
import { TasterError } from '../../../src/core/errors.ts'

describe('what is set beside pipeline files', () => {
  it('has its brokers from the flag, or from the environment', () => {
    const env = { KAFKA_BROKERS: 'there:9092', TASTER_HTTP_PORT: '0' }
    expect(startSettings({}, env)).toMatchObject({ connection: { brokers: ['there:9092'] }, observed: { port: 0 } })
    expect(startSettings({ brokers: 'here:9093' }, env).connection.brokers).toEqual(['here:9093'])
  })

  it('has as many compute threads as the flag says, or the environment, or one less than there are cores', () => {
    const env = { KAFKA_BROKERS: 'there:9092', TASTER_THREADS: '3' }
    expect(startSettings({ threads: '2' }, env).threads).toBe(2)
    expect(startSettings({}, env).threads).toBe(3)
    expect([1, 2, 16, 1024].map((cores) => computeThreads({}, {}, () => cores))).toEqual([1, 1, 15, 256])
    expect(computeThreads({}, { TASTER_THREADS: '' })).toBeGreaterThan(0)
    expect(['max 100000', '250000 100000', '50000 100000', ''].map(coresOfQuota)).toEqual([Infinity, 3, 1, Infinity])
  })

  it('is refused with all that is wrong of it', () => {
    const env = { KAFKA_CLIENT_ID: 'a b', TASTER_HTTP_PORT: 'high', LOG_LEVEL: 'loud', TASTER_THREADS: '0' }
    const problems = (flags: { threads?: string } = {}) => {
      try {
        startSettings(flags, env)
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
      'TASTER_THREADS',
    ])
    expect(problems({ threads: 'all' }).at(-1)?.where).toBe('--threads')
    expect(problems({ threads: '' }).at(-1)?.where).toBe('--threads')
  })
})
