import { describe, expect, it } from 'vitest'
import { openHealth } from '../../../src/observe/health.ts'
import { openWatchdog } from '../../../src/observe/watchdog.ts'
import { fakeClock } from './fake-clock.ts'

function watched(limitSeconds: number) {
  const clock = fakeClock()
  const health = openHealth(['mail'])
  const notify = health.loaded('mail', { batchSeconds: 0, joinSeconds: 0 })
  notify({ kind: 'joined', member: 'm', partitions: [0] })
  notify({ kind: 'lag', partition: 0, records: 9n, seconds: 1 })
  const expired: string[] = []
  const watchdog = openWatchdog(health, limitSeconds, clock, (reason) => expired.push(reason))
  return { clock, notify, expired, watchdog }
}

describe('the watchdog', () => {
  it('calls once, with the reason, when the limit has passed', () => {
    const { clock, expired } = watched(300)
    clock.pass(300_000)
    expect(expired).toEqual([])
    clock.pass(5000)
    expect(expired).toEqual(['pipeline mail, partition 0: it could not be opened for 305 s'])
    clock.pass(3_600_000)
    expect(expired).toHaveLength(1)
  })

  it('keeps a short limit as well', () => {
    const { clock, expired } = watched(2)
    clock.pass(2500)
    expect(expired).toHaveLength(1)
  })

  it('does not count time in which the process was stopped', () => {
    const { clock, expired } = watched(300)
    clock.pass(200_000)
    clock.sleep(3_600_000)
    clock.pass(90_000)
    expect(expired).toEqual([])
    clock.pass(20_000)
    expect(expired).toHaveLength(1)
  })

  it('rests once it is closed', () => {
    const { clock, expired, watchdog } = watched(300)
    clock.pass(299_000)
    watchdog.close()
    clock.pass(3_600_000)
    expect(expired).toEqual([])
  })
})
