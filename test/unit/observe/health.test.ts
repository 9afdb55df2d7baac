import { describe, expect, it } from 'vitest'
import { TasterError, type Code } from '../../../src/core/errors.ts'
import type { Notice } from '../../../src/core/notice.ts'
import { openHealth } from '../../../src/observe/health.ts'
import { committed, outcome } from './outcomes.ts'

const limit = 300_000
const joined = (...partitions: number[]): Notice => ({ kind: 'joined', member: 'm', partitions })
const opened = (partition: number): Notice => ({ kind: 'opened', partition, offset: 0n, remeasured: 0, seconds: 0 })
const lag = (partition: number, records: bigint): Notice => ({ kind: 'lag', partition, records, seconds: 1 })
const fetched = (partition: number): Notice => ({ kind: 'stage', partition, stage: 'fetch', seconds: 0.25 })
const retrying = (partition: number | null, code: Code): Notice => ({
  kind: 'retrying',
  partition,
  error: new TasterError(code, 'x'),
  afterMs: 30_000,
})

/** A pipeline `mail` whose partition 0 is open; `minutes` pass while notices keep coming, and it says what stands still. */
function running(...notices: Notice[]) {
  const health = openHealth(['mail'])
  health.backendReady()
  const notify = health.loaded('mail', { batchSeconds: 60, joinSeconds: 0 })
  for (const notice of [joined(0), opened(0), ...notices]) notify(notice)
  const minutes = (count: number, ...meanwhile: Notice[]) => {
    for (let tick = 0; tick < count * 12; tick++) {
      health.pass(5000)
      for (const notice of meanwhile) notify(notice)
    }
    return health.stuck(limit)
  }
  return { health, notify, minutes }
}

describe('what stands still', () => {
  it('is a partition that commits nothing while records wait', () => {
    const { minutes } = running()
    expect(minutes(6, lag(0, 5n), fetched(0), { kind: 'heartbeat' })).toEqual([])
    expect(minutes(1, lag(0, 7n))).toEqual([
      'pipeline mail, partition 0: nothing was committed for 420 s while 7 records wait',
    ])
  })

  it('is not one that commits, however much waits', () => {
    expect(running().minutes(60, lag(0, 1_000_000n), committed(0, outcome()))).toEqual([])
  })

  it('is not one with nothing to do, as long as its fetches come back', () => {
    const { minutes } = running()
    expect(minutes(60, lag(0, 0n), fetched(0))).toEqual([])
    expect(minutes(7, lag(0, 0n))).toEqual(['pipeline mail, partition 0: the brokers have answered no fetch for 420 s'])
  })

  it('is not one that waits for brokers that are away, and is tried again', () => {
    const { minutes } = running(lag(0, 5n))
    expect(minutes(60, retrying(0, 'BROKER_UNAVAILABLE'))).toEqual([])
    expect(minutes(7)).toHaveLength(1) // nobody tries any more
  })

  it('has the announced pause of a try for the brokers on top', () => {
    const { health } = running(retrying(0, 'BROKER_UNAVAILABLE'))
    health.pass(30_000 + 60_000 + limit)
    expect(health.stuck(limit)).toEqual([])
    health.pass(1)
    expect(health.stuck(limit)).toHaveLength(1)
  })

  it('is one that is tried again and again for another reason, which is named', () => {
    const { minutes } = running({ kind: 'closed', partition: 0, reason: 'ACCESS_DENIED' })
    expect(minutes(7, retrying(0, 'ACCESS_DENIED'))).toEqual([
      'pipeline mail, partition 0: it could not be opened for 420 s (ACCESS_DENIED)',
    ])
  })

  it('is not one whose evidence is being restored, unless that stops', () => {
    const health = openHealth([])
    const notify = health.loaded('mail', { batchSeconds: 0, joinSeconds: 0 })
    notify(joined(3))
    for (let i = 0; i < 100; i++) {
      health.pass(limit)
      notify({ kind: 'restoring', partition: 3, offset: BigInt(i) })
      expect(health.stuck(limit)).toEqual([])
    }
    health.pass(limit + 1)
    expect(health.stuck(limit)).toHaveLength(1)
  })

  it('is one that restores its evidence and fails at each commit', () => {
    const again: Notice[] = [
      retrying(0, 'MESSAGE_TOO_LARGE'),
      { kind: 'closed', partition: 0, reason: 'MESSAGE_TOO_LARGE' },
      { kind: 'restoring', partition: 0, offset: 50n },
      { kind: 'restoring', partition: 0, offset: 100n },
      opened(0),
      lag(0, 5n),
    ]
    const { minutes } = running()
    expect(minutes(6, ...again)).toEqual([])
    expect(minutes(1, ...again)).toEqual([
      'pipeline mail, partition 0: nothing was committed for 415 s while 5 records wait (MESSAGE_TOO_LARGE)',
    ])
    expect(minutes(60, ...again, committed(0, outcome()))).toEqual([])
  })

  it('is not one whose restoring begins anew with its brokers', () => {
    const restoring: Notice = { kind: 'restoring', partition: 0, offset: 50n }
    const { minutes, notify } = running(restoring, retrying(0, 'BROKER_UNAVAILABLE'))
    minutes(6)
    notify(restoring)
    expect(minutes(6)).toEqual([])
  })

  it('has as much longer as a batch may take', () => {
    const { health } = running(lag(0, 1n))
    health.pass(limit + 60_000)
    expect(health.stuck(limit)).toEqual([])
    health.pass(1)
    expect(health.stuck(limit)).toHaveLength(1)
  })

  it('is never a partition that another member has', () => {
    const { minutes } = running(lag(0, 5n), joined())
    expect(minutes(60, lag(0, 5n))).toEqual([])
  })

  it('keeps its time when the group rebalances and leaves it where it is', () => {
    expect(running(lag(0, 5n)).minutes(7, { kind: 'rebalancing' }, joined(0, 1), fetched(1))).toHaveLength(2)
  })

  it('is a member that the group does not take back, unless its brokers are away', () => {
    const { minutes } = running(joined(), { kind: 'rebalancing' })
    expect(minutes(60, retrying(null, 'BROKER_UNAVAILABLE'))).toEqual([])
    expect(minutes(6)).toEqual(['pipeline mail has been out of its group for 330 s'])
  })

  it('is not one that waits while its group gives up members that are gone', () => {
    const health = openHealth([])
    health.loaded('mail', { batchSeconds: 0, joinSeconds: 60 })
    health.pass(limit + 60_000)
    expect(health.stuck(limit)).toEqual([])
    health.pass(1)
    expect(health.stuck(limit)).toHaveLength(1)
  })

  it('is not a pipeline that still fits its baseline', () => {
    const health = openHealth(['mail'])
    health.pass(24 * 3_600_000)
    expect(health.stuck(limit)).toEqual([])
  })
})

describe('readiness', () => {
  it('names what is missing until nothing is', () => {
    const health = openHealth(['mail', 'reviews'])
    expect(health.unready()).toEqual([
      'the compute backend has not started',
      'pipeline mail has no baseline yet',
      'pipeline reviews has no baseline yet',
    ])
    health.backendReady()
    const mail = health.loaded('mail', { batchSeconds: 0, joinSeconds: 0 })
    const reviews = health.loaded('reviews', { batchSeconds: 0, joinSeconds: 0 })
    reviews(joined())
    expect(health.unready()).toEqual(['pipeline mail is not in its group'])
    mail(joined(0, 1))
    mail(opened(1))
    expect(health.unready()).toEqual(['pipeline mail: partition 0 is not open'])
    mail(retrying(0, 'TOPIC_MISSING'))
    expect(health.unready()).toEqual(['pipeline mail: partition 0 is not open (TOPIC_MISSING)'])
    mail(opened(0))
    expect(health.unready()).toEqual([])
  })

  it('is lost while the group rebalances, and with a partition that is closed', () => {
    const { health, notify } = running()
    expect(health.unready()).toEqual([])
    notify({ kind: 'rebalancing' })
    expect(health.unready()).toHaveLength(1)
    notify(joined(0))
    notify({ kind: 'closed', partition: 0, reason: 'JUDGE_LOST' })
    expect(health.unready()).toEqual(['pipeline mail: partition 0 is not open'])
    notify(joined())
    expect(health.unready()).toEqual([])
  })

  it('is not there without any pipeline', () => {
    expect(openHealth([]).unready()).toContain('no pipeline has started')
  })
})
