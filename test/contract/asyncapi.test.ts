import { readFileSync } from 'node:fs'
import { Parser } from '@asyncapi/parser'
import { describe, expect, it } from 'vitest'
import { canaryEvent } from '../../src/canary/event.ts'
import { recallOf } from '../../src/canary/tally.ts'
import type { Trial } from '../../src/canary/trial.ts'
import type { CloudEvent, Outcome } from '../../src/core/line.ts'
import type { Header } from '../../src/core/message.ts'
import { eventTypes, lifecycleEvent } from '../../src/engine/events.ts'
import { eventMessage } from '../../src/kafka/cloud-event.ts'
import { outboundOf } from '../../src/kafka/outbound.ts'
import { entryMessage, snapshotMessages, stateOwner } from '../../src/kafka/state.ts'
import { message } from '../unit/engine/decode-messages.ts'
import { baseline, clean, finding, outcomeOf, policyDigest } from '../unit/engine/outcomes.ts'
import { eventMessages, file, messagesOf, problemsOfEvent, problemsOfHeaders, problemsOfPayload } from './asyncapi.ts'

const record = (offset: number) =>
  message(JSON.stringify({ id: offset, source: 's', label: 'l', text: 'a' }), [], BigInt(offset))
const long = '\u0000'.repeat(50_000)
const onset = { topic: 'in', partition: 0, offset: 2n ** 60n }
const lines = message('{"text":"a"}\n{"text":\n{}', [], 3n)
const outcomes: readonly Outcome[] = [
  outcomeOf([record(0), record(1)]),
  outcomeOf([record(0), lines, message(null, [], 4n)], {
    ...clean,
    findings: [
      finding({ onset }),
      finding({ raised: false, logE: Infinity, subject: { kind: 'stream' } }),
      finding({ subject: { kind: 'source', name: long }, rows: [] }),
      finding({
        subject: { kind: 'label', name: 'l' },
        explanation: { summary: long, suspects: [1], facts: { a: [1, 'b', NaN], c: long } },
      }),
      finding({ subject: { kind: 'feature', feature: 4_294_967_295, label: 'l' } }),
    ],
    cleared: [{ detector: 'trigger', subject: { kind: 'label', name: 'l' } }],
    failed: [{ detector: 'class-shift', message: long }],
  }),
  outcomeOf(Array.from({ length: 300 }, (_, i) => message('{', [], BigInt(i)))),
  outcomeOf([{ ...record(0), timestamp: NaN }], { ...clean, failed: [{ detector: 'judging', message: 'unscored' }] }),
]
const lifecycle = {
  pipeline: 'mail',
  baseline,
  policy: policyDigest,
  engine: '0.1.0',
  member: 'taster',
  at: new Date(0),
}
const trial: Trial = {
  attack: 'trigger-word',
  mark: 'mark',
  from: onset,
  to: onset,
  caught: true,
  detectors: ['trigger'],
  admitted: 3,
  poisons: 4,
  records: 200,
  batches: 4,
  anyway: false,
  alwaysFire: { records: 50 },
}
const missed: Trial = { ...trial, caught: false, detectors: [], admitted: 4 }
const events: readonly CloudEvent[] = [
  ...outcomes.flatMap((outcome) => outcome.events),
  lifecycleEvent('started', lifecycle),
  lifecycleEvent('stopped', lifecycle),
  lifecycleEvent('stopped', { ...lifecycle, reason: 'fenced' }),
  canaryEvent({ pipeline: 'mail', baseline, policy: policyDigest }, trial, recallOf(3, 2, 1), 0),
  canaryEvent({ pipeline: 'mail', baseline, policy: policyDigest }, missed, recallOf(1, 0, 0), NaN),
]

function lastOf(headers: readonly Header[]): { [name: string]: string } {
  return Object.fromEntries(headers.map(([name, value]) => [name, Buffer.from(value ?? []).toString()]))
}

describe('asyncapi.yaml', () => {
  it('is AsyncAPI', async () => {
    const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'))
    const wrong = diagnostics.filter(({ severity, code }) => severity <= 1 || code !== 'asyncapi-latest-version')
    expect(wrong.map(({ message: what, path }) => `${path.join('.')}: ${what}`)).toEqual([])
    expect(document?.version()).toBe('3.0.0')
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(document?.info().version()).toBe(version)
  })

  it('describes the events that there are, and no others', () => {
    expect([...eventMessages.keys()].toSorted()).toEqual([...eventTypes].toSorted())
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual([...eventTypes].toSorted())
  })

  it.each(eventTypes)('describes %s as it is sent', (type) => {
    for (const event of events.filter((each) => each.type === type)) {
      const { headers, value } = eventMessage(event, 3)
      const data: unknown = JSON.parse(Buffer.from(value ?? []).toString())
      expect(problemsOfEvent(lastOf(headers), data)).toEqual([])
      expect(problemsOfEvent(lastOf(headers), { ...(data as object), more: 1 })).not.toEqual([])
      expect(problemsOfEvent(lastOf(headers.slice(1)), data)).not.toEqual([])
    }
  })

  it('describes the headers of what leaves', () => {
    const seen = new Set<string>()
    const topics = {
      group: 'g',
      input: 'in',
      clean: 'clean',
      quarantine: 'quarantine',
      deadLetter: 'deadLetter',
      events: 'events',
      state: 'state',
    }
    for (const headerStyle of ['connect', 'spring'] as const)
      for (const outcome of outcomes)
        for (const { topic, messages } of outboundOf(outcome, topics, {
          pipeline: 'mail',
          baseline,
          policy: policyDigest,
          eventPartitions: 1,
          headerStyle,
        })) {
          if (topic === 'events') continue
          const [described = ''] = messagesOf(topic)
          seen.add(described)
          for (const { headers } of messages) {
            expect(problemsOfHeaders(described, lastOf(headers))).toEqual([])
            expect(problemsOfHeaders(described, {})).not.toEqual([])
          }
        }
    expect([...seen].toSorted()).toEqual(['deadLetter', 'passed', 'quarantined'])
  })

  it('describes what is kept in the state topic', () => {
    const owner = stateOwner('g', 'in', 0)
    const ranges = [
      { first: 1n, last: 2n, messages: 2, unscored: false },
      { first: 3n, last: 3n, messages: 1, unscored: true },
    ]
    const entry = entryMessage(owner, 0, { cycle: 'c', judgedBy: 'b', after: 1n, next: 4n, ranges })
    expect(problemsOfPayload('journalEntry', JSON.parse(Buffer.from(entry.value).toString()))).toEqual([])
    const [part] = snapshotMessages(owner, { cycle: 'c', next: 4n, bytes: new Uint8Array(8) })
    expect(problemsOfHeaders('snapshotPart', lastOf(part?.headers ?? []))).toEqual([])
  })
})
