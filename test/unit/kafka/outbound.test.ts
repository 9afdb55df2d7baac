import { describe, expect, it } from 'vitest'
import type { Header, Message } from '../../../src/core/message.ts'
import type { Ruling } from '../../../src/core/verdict.ts'
import type { Judgement } from '../../../src/engine/judge.ts'
import type { Topics } from '../../../src/engine/pipeline/topics.ts'
import { outboundOf, type OutboundOrigin, type OutMessage } from '../../../src/kafka/outbound.ts'
import {
  baseline,
  batchwise,
  clean,
  finding,
  outcomeOf,
  policyDigest,
  recordwise,
  verdictId,
} from '../engine/outcomes.ts'

const topics: Topics = {
  group: 'taster-mail',
  input: 'in',
  clean: 'in.clean',
  quarantine: 'in.quarantine',
  deadLetter: 'in.dead-letter',
  events: 'taster.events',
  state: 'in.taster-state',
}
const origin: OutboundOrigin = {
  pipeline: 'mail',
  baseline,
  policy: policyDigest,
  eventPartitions: 3,
  headerStyle: 'connect',
}

function record(offset: number, given: Partial<Message> = {}): Message {
  return {
    at: { topic: 'in', partition: 2, offset: BigInt(offset) },
    timestamp: 1_700_000_000_000 + offset,
    key: Buffer.from(`key ${offset}`),
    value: Buffer.from(JSON.stringify({ id: `r${offset}`, source: 'list-a', label: 'ham', text: 'a' })),
    headers: [],
    ...given,
  }
}

const text = (headers: readonly Header[]) =>
  headers.map(([name, value]) => [name, value && Buffer.from(value).toString()])
const lastOf = (message: OutMessage | undefined, name: string) =>
  text(message?.headers ?? []).findLast(([other]) => other === name)?.[1]

/** Messages by topic. */
function outbound(messages: readonly Message[], judgement: Judgement = clean, policy = batchwise, given = origin) {
  const outcome = outcomeOf(messages, judgement, policy)
  return Object.fromEntries(outboundOf(outcome, topics, given).map(({ topic, messages: out }) => [topic, out]))
}

describe('outboundOf', () => {
  it('lets what is clean pass with nothing but the verdict, behind its own headers', () => {
    const headers: Header[] = [
      ['b', Buffer.from([0xff, 0])],
      ['a', null],
      ['b', Buffer.from('again')],
      ['__proto__', Buffer.from('p')],
      ['taster-verdict', Buffer.from('forged')],
    ]
    const messages = [record(4, { headers }), record(5, { key: null, timestamp: -1 })]
    const out = outbound(messages)
    expect(Object.keys(out)).toEqual(['in.clean'])
    const [first, second] = out['in.clean'] ?? []
    expect(first?.headers.slice(0, 5)).toEqual(headers)
    expect(text(first?.headers.slice(5) ?? [])).toEqual([
      ['taster-verdict', 'pass'],
      ['taster-verdict-id', verdictId],
      ['taster-hop', '1'],
    ])
    expect(first).toMatchObject({
      key: messages[0]?.key,
      value: messages[0]?.value,
      timestamp: '1700000000004',
      partition: 2,
    })
    expect(second).toMatchObject({ key: null, timestamp: '-1', partition: 2 })
  })

  it('says of what is quarantined why, by whom, and where it came from', () => {
    const found = [
      finding({
        detector: 'trigger',
        subject: { kind: 'label', name: 'ham' },
        rows: [1],
        explanation: { summary: 'x', suspects: [], facts: {} },
      }),
      finding({ rows: [0], explanation: { summary: 'list-a\u001b[31m flips', suspects: [0], facts: { secret: 1 } } }),
    ]
    const out = outbound([record(4), record(5, { headers: [['taster-hop', Buffer.from('2')]] })], {
      ...clean,
      findings: found,
    })
    expect(Object.keys(out)).toEqual(['in.quarantine', 'taster.events'])
    const [first, second] = out['in.quarantine'] ?? []
    const pairFlip = JSON.stringify({
      detector: 'pair-flip',
      subject: { kind: 'pair', source: 'list-a', from: 'spam', to: 'ham' },
      summary: 'list-a\\e[31m flips',
    })
    const trigger = JSON.stringify({ detector: 'trigger', subject: { kind: 'label', name: 'ham' }, summary: 'x' })
    const reason = 'x; list-a\\e[31m flips'
    expect(text(first?.headers ?? [])).toEqual([
      ['taster-verdict', 'quarantine'],
      ['taster-verdict-id', verdictId],
      ['taster-reason', reason],
      ['taster-finding', pairFlip],
      ['taster-finding', trigger],
      ['taster-suspect', 'pair-flip'],
      ['taster-pipeline', 'mail'],
      ['taster-baseline', baseline],
      ['taster-policy', policyDigest],
      ['taster-batch', 'in/2/4-5'],
      ['taster-hop', '1'],
      ['__connect.errors.topic', 'in'],
      ['__connect.errors.partition', '2'],
      ['__connect.errors.offset', '4'],
      ['__connect.errors.connector.name', 'mail'],
      ['__connect.errors.task.id', '2'],
      ['__connect.errors.stage', 'TRANSFORMATION'],
      ['__connect.errors.class.name', 'taster'],
      ['__connect.errors.exception.class.name', 'Finding'],
      ['__connect.errors.exception.message', reason],
    ])
    expect(
      text(second?.headers ?? []).filter(([name]) => name === 'taster-finding' || name === 'taster-suspect'),
    ).toEqual([
      ['taster-finding', trigger],
      ['taster-finding', pairFlip],
    ])
    expect(lastOf(second, 'taster-hop')).toBe('3')
  })

  it('holds back only what a finding concerns where records are judged one by one', () => {
    const found = [
      finding({ rows: [1], explanation: { summary: 'one', suspects: [1], facts: {} } }),
      finding({ rows: [2], explanation: { summary: 'other', suspects: [], facts: {} } }),
    ]
    const out = outbound([record(1), record(2), record(3)], { ...clean, findings: found }, recordwise)
    expect(out['in.clean']).toHaveLength(1)
    expect(
      out['in.quarantine']?.map((each) => text(each.headers).filter(([name]) => name === 'taster-finding').length),
    ).toEqual([1, 1])
  })

  it('sends a message of many rows whole to where its worst row belongs', () => {
    const lines = (...values: string[]) => Buffer.from(values.join('\n'))
    const good = '{"text":"a","source":"s"}'
    const judgement = { ...clean, findings: [finding({ rows: [1, 2, 4] })] }
    const messages = [
      record(1, { value: lines(good, good, good, good, good) }),
      record(2, { value: lines(good, '{"text"', good) }),
    ]
    const out = outbound(messages, judgement, recordwise)
    expect(out['in.clean']).toBeUndefined()
    expect(out['in.quarantine']?.map(({ value }) => value)).toEqual([messages[0]?.value])
    expect(out['in.dead-letter']?.map(({ value }) => value)).toEqual([messages[1]?.value])
    expect(lastOf(out['in.quarantine']?.[0], 'taster-rows')).toBe('1-2,4')
    expect(lastOf(out['in.dead-letter']?.[0], 'taster-rows')).toBe('1')
  })

  it('says of a dead letter what is wrong, with its code', () => {
    const unreadable: Header[] = [['taster-unreadable', Buffer.from('BYTES_MALFORMED the codec is not known')]]
    const looping: Header[] = [['taster-hop', Buffer.from('8')]]
    const out = outbound([
      record(1, { value: null }),
      record(2, { key: null, value: Buffer.from([1, 2]), headers: unreadable }),
      record(3, { headers: looping }),
    ])
    const letters = out['in.dead-letter'] ?? []
    expect(letters.map((each) => lastOf(each, 'taster-verdict'))).toEqual(['dead-letter', 'dead-letter', 'dead-letter'])
    expect(letters.map((each) => lastOf(each, 'taster-reason')?.split(':')[0])).toEqual([
      'RECORD_EMPTY',
      'BYTES_MALFORMED',
      'HOPS_EXCEEDED',
    ])
    expect(letters.map((each) => lastOf(each, '__connect.errors.exception.class.name'))).toEqual([
      'DecodeError',
      'DecodeError',
      'VerifyError',
    ])
    expect(letters.map((each) => lastOf(each, '__connect.errors.stage'))).toEqual([
      'VALUE_CONVERTER',
      'VALUE_CONVERTER',
      'TRANSFORMATION',
    ])
    expect(letters[0]).toMatchObject({ value: null, key: Buffer.from('key 1') })
    expect(letters[1]).toMatchObject({ value: Buffer.from([1, 2]), key: null })
    expect(letters[1]?.headers[0]).toEqual(unreadable[0])
    expect(out['taster.events']).toHaveLength(3)
  })

  it('names a failure where a batch could not be judged', () => {
    const out = outbound([record(1)], { ...clean, failed: [{ detector: 'judging', message: 'unscored: 60 s' }] })
    expect(lastOf(out['in.quarantine']?.[0], 'taster-reason')).toBe('DETECTOR_FAILED: judging: unscored: 60 s')
    expect(lastOf(out['in.quarantine']?.[0], '__connect.errors.exception.class.name')).toBe('DetectorError')
  })

  it('writes where a message came from as Spring does, where asked to', () => {
    const out = outbound([record(4, { value: null })], clean, batchwise, { ...origin, headerStyle: 'spring' })
    const headers = new Map(out['in.dead-letter']?.[0]?.headers.filter(([name]) => name.startsWith('kafka_dlt-')))
    expect([...headers.keys()].map((name) => name.slice(10))).toEqual([
      'original-topic',
      'original-partition',
      'original-offset',
      'original-timestamp',
      'original-consumer-group',
      'exception-fqcn',
      'exception-message',
    ])
    const bytes = (name: string) => Buffer.from(headers.get(`kafka_dlt-${name}`) ?? [])
    expect(bytes('original-partition').readInt32BE()).toBe(2)
    expect(bytes('original-offset').readBigInt64BE()).toBe(4n)
    expect(bytes('original-timestamp').readBigInt64BE()).toBe(1_700_000_000_004n)
    expect(bytes('original-consumer-group').toString()).toBe('taster-mail')
    expect(bytes('exception-fqcn').toString()).toBe('DecodeError')
  })

  it.each([
    [NaN, '0'],
    [1.5, '1'],
    [2 ** 53 + 2, '9007199254740994'],
    [2 ** 63, '9223372036854774784'],
    [-(2 ** 63), '-9223372036854775808'],
  ])('keeps timestamps within 64 bits: %s', (timestamp, expected) => {
    for (const headerStyle of ['connect', 'spring'] as const) {
      const out = outbound([record(1, { timestamp }), record(2, { timestamp, value: null })], clean, batchwise, {
        ...origin,
        headerStyle,
      })
      expect(out['in.clean']?.[0]?.timestamp).toBe(expected)
      expect(out['in.dead-letter']?.[0]?.timestamp).toBe(expected)
    }
  })

  it('adds at most 16 KiB to a message, however long the texts are that it quotes', () => {
    for (const unit of ['x', '\u0000', '"', '世', '👍', '\ud800']) {
      const long = unit.repeat(20_000)
      const found = finding({
        subject: { kind: 'pair', source: long, from: long, to: long },
        explanation: { summary: long, suspects: [0], facts: {} },
      })
      const many = Array.from({ length: 20 }, (_, i) => ({ ...found, detector: `detector ${i % 9}` }))
      const lines = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i % 2 ? '{' : '{"text":"a"}')).join('\n'))
      const out = outbound([record(1), record(2, { value: lines })], { ...clean, findings: many })
      const [held] = out['in.quarantine'] ?? []
      const bytes = ({ headers }: OutMessage) =>
        headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0)
      for (const each of [held, out['in.dead-letter']?.[0]]) expect(each && bytes(each)).toBeLessThan(16_384)
      const findings = held?.headers.filter(([name]) => name === 'taster-finding') ?? []
      expect(findings).toHaveLength(8)
      for (const [, value] of findings) {
        expect(value?.length).toBeLessThanOrEqual(1024)
        expect(JSON.parse(Buffer.from(value ?? []).toString())).toMatchObject({
          detector: expect.stringMatching(/^detector/),
        })
      }
      // oxlint-disable-next-line no-control-regex
      for (const [, value] of text(held?.headers ?? [])) expect(value).not.toMatch(/[\u0000-\u001f\ufffd]/)
    }
  })

  it('refuses rulings that do not fit the messages', () => {
    const outcome = outcomeOf([record(1), record(2)])
    const ruled = (rulings: readonly Ruling[]) => () =>
      outboundOf({ ...outcome, verdict: { ...outcome.verdict, rulings } }, topics, origin)
    const [first, second] = outcome.verdict.rulings
    if (first === undefined || second === undefined) throw new Error('no rulings')
    expect(ruled([first])).toThrow(expect.objectContaining({ code: 'INVARIANT_BROKEN' }))
    expect(ruled([first, second, { ...second, message: 2 }])).toThrow(
      expect.objectContaining({ code: 'INVARIANT_BROKEN' }),
    )
    expect(ruled([second, first])).toThrow(expect.objectContaining({ code: 'INVARIANT_BROKEN' }))
  })
})
