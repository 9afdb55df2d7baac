import { describe, expect, it } from 'vitest'
import { TasterError, type Code } from '../../../src/core/errors.ts'
import type { Notice } from '../../../src/core/notice.ts'
import { logNotices, openLog } from '../../../src/observe/log.ts'
import type { Level } from '../../../src/observe/settings.ts'
import { fakeClock } from './fake-clock.ts'
import { committed, event, finding, outcome } from './outcomes.ts'

function logged(level: Level = 'info') {
  const written: string[] = []
  const clock = fakeClock()
  const notify = logNotices(openLog(level, { write: (line) => written.push(line) }), clock, 'mail')
  const lines = () => written.map((line) => JSON.parse(line) as { readonly [field: string]: unknown })
  return { notify, clock, written, lines }
}

const retrying = (partition: number | null, code: Code): Notice => ({
  kind: 'retrying',
  partition,
  error: new TasterError(code, 'broker 10.0.0.1:9092 does not answer'),
  afterMs: 500,
})

describe('the log', () => {
  it('has one line for each batch', () => {
    const { notify, lines, written } = logged()
    const two = outcome({ from: 7, decisions: ['pass', 'quarantine', 'dead-letter'], rejected: ['LABEL_MISSING'] })
    notify(committed(3, outcome({ from: 6, unscored: true }), two))
    expect(written.every((line) => line.endsWith('}\n') && !line.slice(0, -1).includes('\n'))).toBe(true)
    const [first, second] = lines()
    expect(first).toMatchObject({ event: 'batch', from: '6', to: '6', unscored: true })
    const { time, ...rest } = second ?? {}
    expect(new Date(String(time)).toISOString()).toBe(time)
    expect(rest).toEqual({
      level: 'info',
      event: 'batch',
      pipeline: 'mail',
      partition: 3,
      verdict: 'v1',
      from: '7',
      to: '9',
      records: 2,
      rejected: 1,
      decision: 'quarantine',
      findings: 0,
      ms: 250,
    })
  })

  it('says of a batch without any record that it is dead letters', () => {
    const { notify, lines } = logged()
    notify(committed(0, outcome({ decisions: ['dead-letter', 'dead-letter'], rejected: ['A', 'B'] })))
    expect(lines()).toMatchObject([{ event: 'batch', records: 0, rejected: 2, decision: 'dead-letter' }])
  })

  it('tells of alarms with the event to look up, and not with what they are about', () => {
    const { notify, lines, written } = logged()
    const subject = { kind: 'source', name: 'secret-source' } as const
    notify(
      committed(
        0,
        outcome({
          source: 'secret-source',
          label: 'secret-label',
          text: 'secret-text',
          decisions: ['quarantine', 'dead-letter'],
          rejected: ['BYTES_MALFORMED'],
          findings: [finding(subject)],
          events: [
            event('batch.quarantined', 'trigger', { reasons: ['secret-reason'] }),
            event('alarm.raised', 'trigger', { subject, summary: 'secret-summary' }),
            event('alarm.cleared', 'pair-flip', { subject: { kind: 'secret-kind' } }),
            event('detector.degraded', 'pair-flip', { message: 'secret-message' }),
            event('record.dead-lettered', 'x', { reason: 'secret-reason' }),
          ],
        }),
      ),
    )
    expect(lines().map(({ level, event: name }) => [level, name])).toEqual([
      ['info', 'batch'],
      ['warn', 'alarm-raised'],
      ['warn', 'alarm-cleared'],
      ['warn', 'detector-degraded'],
    ])
    expect(lines()[1]).toMatchObject({ detector: 'trigger', subject: 'source', eventId: 'id of alarm.raised' })
    expect(lines()[2]).not.toHaveProperty('subject')
    expect(written.join('')).not.toContain('secret')
  })

  it('tells what becomes of the group and of partitions', () => {
    const { notify, lines } = logged()
    notify({ kind: 'joined', member: 'm', partitions: [0, 1] })
    notify({ kind: 'opened', partition: 0, offset: 12345678901234567890n, remeasured: 20, seconds: 1.5 })
    notify({ kind: 'closed', partition: 0, reason: 'stopped' })
    notify({ kind: 'rebalancing' })
    expect(lines()).toMatchObject([
      { event: 'joined', partitions: [0, 1] },
      { event: 'opened', offset: '12345678901234567890', remeasured: 20, ms: 1500 },
      { event: 'closed', reason: 'stopped' },
      { event: 'rebalancing' },
    ])
  })

  it('says the text of an error about brokers, and of one about records only its code', () => {
    const { notify, lines } = logged()
    notify({ kind: 'aborted', partition: 0, error: new TasterError('PRODUCER_FENCED', 'another member took it over') })
    notify({ kind: 'aborted', partition: 0, error: new TasterError('DETECTOR_FAILED', 'cannot read "secret"') })
    expect(lines()[0]).toMatchObject({ level: 'warn', code: 'PRODUCER_FENCED', error: 'another member took it over' })
    expect(lines()[1]).toMatchObject({ code: 'DETECTOR_FAILED' })
    expect(lines()[1]).not.toHaveProperty('error')
  })

  it('repeats itself seldom while it tries again', () => {
    const { notify, clock, lines } = logged()
    for (let i = 0; i < 120; i++) {
      notify(retrying(0, 'BROKER_UNAVAILABLE'))
      clock.pass(500)
    }
    notify(retrying(0, 'BROKER_UNAVAILABLE'))
    expect(lines().map(({ leftOut }) => leftOut)).toEqual([0, 59, 59])
    notify(retrying(1, 'BROKER_UNAVAILABLE'))
    notify(retrying(1, 'TOPIC_MISSING'))
    notify(retrying(null, 'TOPIC_MISSING'))
    expect(lines()).toHaveLength(6)
  })

  it('is silent below its level, and about what only figures tell', () => {
    const { notify, lines } = logged('warn')
    notify(committed(0, outcome()))
    notify({ kind: 'heartbeat' })
    expect(lines()).toEqual([])
  })
})
