import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Header, Message } from '../../src/core/message.ts'
import type { Finding } from '../../src/core/verdict.ts'
import { mostHops } from '../../src/engine/decode/hops.ts'
import type { Topics } from '../../src/engine/pipeline/topics.ts'
import { outboundOf } from '../../src/kafka/outbound.ts'
import {
  baseline,
  batchwise,
  clean,
  finding,
  outcomeOf,
  policyDigest,
  recordwise,
  verdictId,
} from '../unit/engine/outcomes.ts'

const seed = 20250311

const topics: Topics = {
  group: 'g',
  input: 'in',
  clean: 'pass',
  quarantine: 'quarantine',
  deadLetter: 'dead-letter',
  events: 'events',
  state: 'state',
}
const origin = { pipeline: 'p', baseline, policy: policyDigest, eventPartitions: 2 }

const bytes = fc.uint8Array({ maxLength: 12 })
const name = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    '1',
    'a',
    'taster-verdict',
    'taster-hop',
    'content-type',
    'content-encoding',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const header = fc.tuple(name, fc.option(bytes)).map(([of, value]): Header => [of, value])
const headers = fc.array(header, { maxLength: 5 })
const record = fc.record({ id: fc.string(), source: fc.string(), label: fc.string(), text: fc.string() })
const value = fc.oneof(
  record.map((one) => Buffer.from(JSON.stringify(one))),
  fc.array(fc.oneof(record, fc.jsonValue()), { maxLength: 4 }).map((many) => Buffer.from(JSON.stringify(many))),
  fc.array(record, { maxLength: 3 }).map((many) => Buffer.from(many.map((one) => JSON.stringify(one)).join('\n'))),
  bytes,
)
const message = fc.record({ key: fc.option(bytes), value: fc.option(value), headers })
// Each message has a time of its own, by which the test finds it again.
const batch = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 8 }), fc.nat(3), fc.nat(), fc.integer({ min: -1 }))
  .map(([messages, partition, first, time]) =>
    messages.map((one, i): Message => ({
      ...one,
      timestamp: time + i,
      at: { topic: 'in', partition, offset: BigInt(first + i * 2) },
    })),
  )
const found: fc.Arbitrary<Finding> = fc
  .record({
    detector: fc.constantFrom('trigger', 'pair-flip'),
    rows: fc.uniqueArray(fc.nat(4)),
    suspects: fc.uniqueArray(fc.nat(4)),
    summary: fc.string({ unit: 'binary' }),
  })
  .map(({ detector, rows, suspects, summary }) =>
    finding({ detector, rows, explanation: { summary, suspects, facts: {} } }),
  )

describe('what a batch leads to', () => {
  it('holds every message once and as it came, where its worst row belongs', () => {
    const property = fc.property(
      batch,
      fc.array(found, { maxLength: 3 }),
      fc.constantFrom(batchwise, recordwise),
      fc.constantFrom('connect' as const, 'spring' as const),
      (messages, findings, policy, headerStyle) => {
        // A finding is about records that there are.
        const records = outcomeOf(messages).batch.id.length
        const real = findings.map((one) => ({ ...one, rows: one.rows.filter((row) => row < records) }))
        const outcome = outcomeOf(messages, { ...clean, findings: real }, policy)
        const out = outboundOf(outcome, topics, { ...origin, headerStyle })
        expect(out.map(({ topic }) => topic)).toEqual([...new Set(out.map(({ topic }) => topic))])
        const told = out.filter(({ topic }) => topic === 'events').flatMap(({ messages: events }) => events)
        expect(told).toHaveLength(outcome.events.length)

        const left = out
          .filter(({ topic }) => topic !== 'events')
          .flatMap(({ topic, messages: each }) => each.map((one) => ({ topic, ...one })))
        expect(left).toHaveLength(messages.length)
        messages.forEach((original, index) => {
          const decisions = new Set(
            outcome.verdict.rulings.filter((ruling) => ruling.message === index).map(({ decision }) => decision),
          )
          const worst = (['dead-letter', 'quarantine', 'pass'] as const).find((decision) => decisions.has(decision))
          const [own, ...more] = left.filter(({ timestamp }) => timestamp === String(original.timestamp))
          expect(more).toEqual([])
          if (own === undefined) throw new Error(`message ${index} is lost`)
          expect(own.topic).toBe(worst)
          expect(own.key).toBe(original.key)
          expect(own.value).toBe(original.value)
          expect(own.headers.slice(0, original.headers.length)).toEqual(original.headers)
          expect(own.partition).toBe(original.at.partition)
          const last = new Map(own.headers.map(([header, bytesOf]) => [header, Buffer.from(bytesOf ?? []).toString()]))
          expect(last.get('taster-verdict')).toBe(worst)
          expect(last.get('taster-verdict-id')).toBe(verdictId)
          const hop = Number(last.get('taster-hop'))
          expect(hop >= 1 && (worst !== 'pass' || hop <= mostHops)).toBe(true)
          expect(worst === 'pass' ? own.headers.length - original.headers.length : 3).toBe(3)
        })
      },
    )
    expect(() => fc.assert(property, { seed, numRuns: 1500 })).not.toThrow()
  })
})
