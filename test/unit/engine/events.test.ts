import { describe, expect, it } from 'vitest'
import type { CloudEvent } from '../../../src/core/line.ts'
import type { Message } from '../../../src/core/message.ts'
import { lifecycleEvent, type Lifecycle } from '../../../src/engine/events.ts'
import { message } from './decode-messages.ts'
import { baseline, clean, finding, outcomeOf, policyDigest, recordwise, verdictId } from './outcomes.ts'

const record = (offset: number, given: object = {}): Message =>
  message(JSON.stringify({ id: `r${offset}`, source: 'list-a', label: 'ham', text: 'a', ...given }), [], BigInt(offset))
const at = (offset: number) => ({ topic: 'in', partition: 0, offset: String(offset) })
const typesOf = (events: readonly CloudEvent[]) => events.map(({ type }) => type)
const bytesOf = (event: CloudEvent) => Buffer.byteLength(JSON.stringify(event))

describe('eventsOf', () => {
  it('tells nothing of a batch that passed', () => {
    expect(outcomeOf([record(4), record(5)]).events).toEqual([])
  })

  it('tells a labelling manager who delivered what was held back, and what to look at first', () => {
    const found = finding({ onset: { topic: 'in', partition: 0, offset: 1n }, rows: [0, 1, 2] })
    const messages = [record(4), record(5, { label: 'spam' }), record(6, { source: undefined, label: undefined })]
    const { events } = outcomeOf(messages, { ...clean, findings: [found] })
    expect(typesOf(events)).toEqual(['taster.batch.quarantined', 'taster.alarm.raised', 'taster.recall.advised'])
    const reason = {
      detector: 'pair-flip',
      subject: { kind: 'pair', source: 'list-a', from: 'spam', to: 'ham' },
      logE: 12.5,
      threshold: 9.21,
      raised: true,
      onset: at(1),
      summary: 'list-a labels spam as ham',
      facts: { flipped: 2, of: 3 },
      rows: 3,
      sources: [
        { source: 'list-a', rows: 2 },
        { source: null, rows: 1 },
      ],
      suspects: [
        { id: 'r5', source: 'list-a', label: 'spam', offset: '5', row: 0 },
        { id: 'r4', source: 'list-a', label: 'ham', offset: '4', row: 0 },
      ],
    }
    const span = { verdict: verdictId, baseline, from: at(4), to: at(6) }
    expect(events.map(({ data }) => data)).toEqual([
      { ...span, messages: 3, records: 3, held: 3, reasons: [reason], moreReasons: 0, failures: [] },
      { ...span, ...reason },
      { ...span, from: at(1), detector: 'pair-flip', subject: reason.subject, summary: reason.summary },
    ])
    expect(events[0]).toMatchObject({ source: '/taster/mail', subject: 'in/0/4-6', specversion: '1.0' })
    expect(events[1]?.subject).toBe('pair-flip')
  })

  it('tells of alarms that last only what is held, and of those that are over', () => {
    const lasting = { ...clean, findings: [finding({ raised: false })] }
    expect(typesOf(outcomeOf([record(1), record(2)], lasting).events)).toEqual(['taster.batch.quarantined'])
    const over = { ...clean, cleared: [{ detector: 'trigger', subject: { kind: 'label', name: 'ham' } as const }] }
    expect(outcomeOf([record(1)], over).events).toMatchObject([
      { type: 'taster.alarm.cleared', subject: 'trigger', data: { subject: { kind: 'label', name: 'ham' } } },
    ])
  })

  it('counts the rows that are held', () => {
    const { events } = outcomeOf([record(1), record(2), record(3)], { ...clean, findings: [finding()] }, recordwise)
    expect(events[0]?.data).toMatchObject({ messages: 3, held: 2 })
  })

  it('tells of detectors that failed, and of a batch that was not judged', () => {
    const failed = [{ detector: 'trigger', message: 'unscored: no judgement within 60 s' }]
    const { events } = outcomeOf([record(1)], { ...clean, failed })
    expect(typesOf(events)).toEqual(['taster.batch.quarantined', 'taster.detector.degraded'])
    expect(events[0]?.data).toMatchObject({ reasons: [], failures: failed })
    expect(events[1]?.data).toMatchObject(failed[0] ?? {})
  })

  it('tells of each message with dead letters once, by code', () => {
    const lines = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? '{"txt":1}' : `{"text":"${i}`)).join('\n')
    const many = message(`{"text":"a"}\n${lines}`, [['content-type', Buffer.from('application/x-ndjson')]], 8n)
    const { events } = outcomeOf([record(7), many, message(null, [], 9n)])
    expect(events.map(({ type, subject, data }) => ({ type, subject, data }))).toMatchObject([
      {
        type: 'taster.record.dead-lettered',
        subject: 'in/0/7-9',
        data: {
          from: at(8),
          to: at(8),
          messages: 1,
          rows: 500,
          faults: [
            { code: 'FIELD_MISSING', rows: 250, offset: '8', row: 1 },
            { code: 'BYTES_MALFORMED', rows: 250, offset: '8', row: 2 },
          ],
        },
      },
      {
        data: { from: at(9), to: at(9), messages: 1, rows: 1, faults: [{ code: 'RECORD_EMPTY', offset: '9', row: 0 }] },
      },
    ])
    expect(events).toHaveLength(2)
  })

  it('counts together what a flood of bad messages would tell', () => {
    const { events } = outcomeOf(Array.from({ length: 5000 }, (_, i) => message('{', [], BigInt(i))))
    expect(events).toHaveLength(101)
    expect(events[100]?.data).toMatchObject({ from: at(100), to: at(4999), messages: 4900, rows: 4900 })
    expect(events.map(({ data }) => (data as { messages: number }).messages).reduce((a, b) => a + b)).toBe(5000)
  })

  it('has the same ids for the same batch again, and others for equal bytes elsewhere', () => {
    const judgement = { ...clean, findings: [finding(), finding({ detector: 'trigger' })] }
    const idsAt = (first: number, partition = 0) => {
      const messages = [record(1), record(2)].map((each, i) => ({
        ...each,
        at: { ...each.at, partition, offset: BigInt(first + i) },
      }))
      return outcomeOf(messages, judgement).events.map(({ id }) => id)
    }
    expect(idsAt(1)).toEqual(idsAt(1))
    const all = [...idsAt(1), ...idsAt(3), ...idsAt(1, 1)]
    expect(all).toHaveLength(9)
    expect(new Set(all).size).toBe(all.length)
    expect(all.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true)
  })

  it.each([
    [NaN, '1970-01-01T00:00:00.000Z'],
    [-1, '1970-01-01T00:00:00.000Z'],
    [1.7e12, '2023-11-14T22:13:20.000Z'],
    [2 ** 63, '9999-12-31T23:59:59.999Z'],
  ])('has a time that anyone can read, whatever the producer says: %s', (timestamp, time) => {
    expect(outcomeOf([{ ...message('{'), timestamp }]).events[0]?.time).toBe(time)
  })

  it('keeps events below 100 kB, however long the texts are that they quote', () => {
    for (const unit of ['x', '\u0000', '\\"', '世', '👍', '\ud800']) {
      const long = unit.repeat(20_000)
      const rows = Array.from({ length: 40 }, (_, i) => record(i, { id: long + i, source: long + i, label: long + i }))
      const all = rows.map((_, i) => i)
      const found = finding({
        subject: { kind: 'pair', source: long, from: long, to: long },
        rows: all,
        logE: Infinity,
        onset: { topic: long, partition: 0, offset: 0n },
        explanation: {
          summary: long,
          suspects: all,
          facts: Object.fromEntries(all.map((i) => [`fact ${i}`, i === 0 ? NaN : [long, long, i]])),
        },
      })
      const failed = all.map((i) => ({ detector: `${long}${i}`, message: long }))
      const bad = [message('{', [], 50n), message('x', [['taster-unreadable', Buffer.from(long)]], 51n)]
      const { events } = outcomeOf([...rows, ...bad], { ...clean, findings: all.map(() => found), failed })
      expect(events.length).toBeGreaterThan(80)
      expect(Math.max(...events.map(bytesOf))).toBeLessThan(100_000)
      const [held] = events.map(({ data }) => data as { reasons: unknown[]; moreReasons: number })
      const { reasons, moreReasons } = held ?? { reasons: [], moreReasons: 0 }
      expect(reasons.length).toBeGreaterThan(0)
      expect(reasons.length + moreReasons).toBe(all.length)
    }
  })
})

describe('lifecycleEvent', () => {
  const lifecycle: Lifecycle = {
    pipeline: 'mail',
    baseline,
    policy: policyDigest,
    engine: '0.1.0',
    member: 'taster-7',
    at: new Date(1.7e12),
  }

  it('tells who runs what by which baseline', () => {
    expect(lifecycleEvent('started', lifecycle)).toMatchObject({
      type: 'taster.pipeline.started',
      source: '/taster/mail',
      subject: 'taster-7',
      time: '2023-11-14T22:13:20.000Z',
      data: { pipeline: 'mail', baseline, policy: policyDigest, engine: '0.1.0', member: 'taster-7' },
    })
    expect(lifecycleEvent('stopped', { ...lifecycle, reason: 'x'.repeat(1e6) })).toMatchObject({
      type: 'taster.pipeline.stopped',
      data: { reason: `${'x'.repeat(1497)}…` },
    })
  })

  it('has an id that follows from what it says', () => {
    const all = [
      lifecycleEvent('started', lifecycle),
      lifecycleEvent('stopped', lifecycle),
      lifecycleEvent('started', { ...lifecycle, member: 'taster-8' }),
      lifecycleEvent('started', { ...lifecycle, at: new Date(1.7e12 + 1) }),
    ].map(({ id }) => id)
    expect(new Set(all).size).toBe(4)
    expect(lifecycleEvent('started', { ...lifecycle }).id).toBe(all[0])
  })
})
