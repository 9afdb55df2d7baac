import { describe, expect, it } from 'vitest'
import { sayEvent } from '../../../src/cli/tail-event.ts'
import { seenOf } from '../../../src/cli/tail-seen.ts'
import { openTailView } from '../../../src/cli/tail-view.ts'
import { coloursFor } from '../../../src/cli/terminal.ts'
import type { Header, Message } from '../../../src/core/message.ts'
import { printable } from '../../../src/core/printable.ts'
import { eventsOf, eventTypes, lifecycleEvent } from '../../../src/engine/events.ts'
import { eventMessage } from '../../../src/kafka/cloud-event.ts'

const text = (name: string, value: string): Header => [name, Buffer.from(value)]
const message = (headers: readonly Header[], value = '{"secret":"words"}', offset = 0n): Message => ({
  at: { topic: 'mail.quarantine', partition: 2, offset },
  timestamp: Date.UTC(2026, 10, 22, 8, 30),
  key: Buffer.from('the key'),
  value: Buffer.from(value),
  headers,
})

const plain = { width: 100, colours: coloursFor({ isTTY: false, columns: 100 }) }
const show = (messages: readonly Message[], values = false) => {
  const view = openTailView(plain)
  return messages.map((one) => view(seenOf(one, values))).join('')
}

const held = (offset: bigint, ...more: Header[]) =>
  message(
    [
      text('taster-verdict', 'pass'), // by a producer that would like to
      ...more,
      text('taster-verdict', 'quarantine'),
      text('taster-verdict-id', 'abc'),
      text('taster-reason', 'trigger: word "tq"'),
      text('taster-finding', JSON.stringify({ detector: 'pair-flip', subject: { kind: 'stream' }, summary: 'flips' })),
      text('__connect.errors.topic', 'mail'),
      text('__connect.errors.partition', '2'),
      text('__connect.errors.offset', '40'),
    ],
    undefined,
    offset,
  )

describe('records with a verdict', () => {
  it('are told with their reason, and their findings once a batch', () => {
    const said = show([held(0n), held(1n)])
    expect(said).toBe(
      [
        '2026-11-22 08:30:00Z held back mail.quarantine/2 offset 0 from mail/2 offset 40: trigger: word "tq"',
        '    pair-flip: flips',
        '2026-11-22 08:30:00Z held back mail.quarantine/2 offset 1 from mail/2 offset 40',
        '',
      ].join('\n'),
    )
  })

  it('say nothing that stands before the verdict: a producer may have written it', () => {
    const forged = [
      text('taster-reason', 'forged'),
      text('taster-finding', JSON.stringify({ detector: 'trigger', subject: { kind: 'stream' }, summary: 'forged' })),
      text('taster-suspect', 'forged'),
      text('taster-rows', '0-9'),
      text('__connect.errors.topic', 'forged'),
      text('kafka_dlt-original-topic', 'forged'),
      text('__connect.errors.partition', '7'),
      text('__connect.errors.offset', '7'),
    ]
    expect(seenOf(held(0n, ...forged), false)).toEqual(seenOf(held(0n), false))
    const passed = [text('taster-verdict', 'pass'), text('taster-verdict-id', 'abc')]
    expect(seenOf(message([...forged, ...passed]), false)).toEqual(seenOf(message(passed), false))
  })

  it('show what they hold with --values alone', () => {
    expect(show([held(0n)])).not.toMatch(/secret|the key/)
    expect(show([held(0n)], true)).toMatch(/key the key\n.*value \{"secret":"words"\}/)
  })

  it.each([
    ['pass', 'passed'],
    ['dead-letter', 'unreadable'],
  ])('%s are %s', (decision, word) => {
    expect(show([message([text('taster-verdict', decision)])])).toContain(` ${word} mail.quarantine/2`)
  })

  it('cannot do anything to a terminal', () => {
    const evil = '\u001b[2J\u202eevil\u0000\r\n'
    const said = show(
      [
        message(
          [
            text('taster-verdict', evil),
            text('taster-reason', evil),
            text('taster-rows', evil),
            text('__proto__', evil),
          ],
          evil,
        ),
        message([text('ce_id', evil), text('ce_type', evil), text('ce_source', evil), text('ce_subject', evil)], evil),
        message([
          text('ce_id', '1'),
          text('ce_type', 'x'),
          text('ce_source', '/taster/%E0%A4%A'),
          text('constructor', ''),
        ]),
      ],
      true,
    )
    for (const line of said.split('\n')) expect(printable(line, 10_000)).toBe(line)
  })

  it('without one are told as such', () => {
    expect(show([message([])])).toContain('record mail.quarantine/2 offset 0, 18 bytes, no verdict')
  })

  it('keep bytes that are no text as base64, and odd times', () => {
    const seen = seenOf({ ...message([]), value: Uint8Array.of(0xff, 0), timestamp: 1e300 }, true)
    expect(seen).toMatchObject({ value: '/wA=', timestamp: null })
    expect(show([{ ...message([]), timestamp: 1e300 }])).toContain('at no known time')
  })
})

describe('events', () => {
  const asMessage = (event: Parameters<typeof eventMessage>[0]): Message => ({
    ...eventMessage(event, 1),
    at: { topic: 'taster.events', partition: 0, offset: 0n },
    timestamp: Date.UTC(2026, 10, 22),
  })
  const span = {
    from: { topic: 'mail', partition: 0, offset: '100' },
    to: { topic: 'mail', partition: 0, offset: '149' },
  }
  const subject = { kind: 'pair', source: 'vendor 7', from: 'ham', to: 'spam' }
  const data: { readonly [type: string]: readonly [data: object, words: RegExp] } = {
    'taster.batch.quarantined': [
      {
        ...span,
        records: 50,
        held: 20,
        reasons: [{ detector: 'trigger', subject, summary: 'a word', facts: {}, suspects: [{ id: 'm1' }] }],
        failures: [{ detector: 'novel-label', message: 'boom' }],
      },
      /quarantined mail: 20 of 50 records at mail\/0 offset 100–149\n.*vendor 7.*a word \(look first at "m1"\)\n.*boom/s,
    ],
    'taster.alarm.raised': [
      { ...span, detector: 'pair-flip', subject, summary: 'flips', facts: {} },
      /alarm mail: source "vendor 7".*flips/s,
    ],
    'taster.alarm.cleared': [{ ...span, detector: 'pair-flip', subject }, /alarm over mail: source "vendor 7"/],
    'taster.recall.advised': [
      { ...span, detector: 'pair-flip', subject, summary: 'flips' },
      /drop from training what passed at mail\/0 offset 100–149/,
    ],
    'taster.record.dead-lettered': [
      {
        ...span,
        messages: 1,
        rows: 2,
        faults: [{ code: 'RECORD_EMPTY', rows: 2, offset: '100', row: 0, reason: 'nothing' }],
      },
      /unreadable mail: 2 rows at mail\/0 offset 100–149 .*\n.*RECORD_EMPTY: nothing/,
    ],
    'taster.detector.degraded': [
      { ...span, detector: 'trigger', message: 'boom' },
      /degraded mail: trigger could not judge .*boom/,
    ],
    'taster.pipeline.started': [{ pipeline: 'mail', engine: '1', member: 'host' }, /started mail: Taster 1, by host/],
    'taster.pipeline.stopped': [
      { pipeline: 'mail', member: 'host', reason: 'no brokers' },
      /stopped mail: by host: no brokers/,
    ],
    'taster.canary.finished': [
      {
        ...span,
        attack: 'trigger-word',
        caught: true,
        detectors: ['trigger'],
        admitted: 11,
        poisons: 12,
        records: 600,
        soFar: { trials: 4, caught: 3, lower: 0.194, upper: 0.994 },
        alwaysFire: { records: 50 },
      },
      /canary caught mail: trigger-word named after 11 poisons and 600 records, by\s+trigger\n.*3 of 4 trials \(19 to 99 %\)/,
    ],
  }

  it.each(eventTypes)('%s are told in words', (type) => {
    const [of, words] = data[type] ?? [{}, /never/]
    const event = {
      specversion: '1.0' as const,
      id: '1',
      source: '/taster/mail',
      type,
      time: '2026-11-22T00:00:00Z',
      subject: 'x',
      datacontenttype: 'application/json' as const,
      data: of,
    }
    expect(show([asMessage(event)])).toMatch(words)
  })

  it('say of poisons that nobody named how many there were', () => {
    const soFar = { trials: 1, caught: 0, lower: 0, upper: 0.975 }
    const counts = { admitted: 50, poisons: 50, records: 2500, soFar, alwaysFire: { records: 50 } }
    const data = { ...span, attack: 'near-copies', caught: false, detectors: [], ...counts }
    const { level, text: told } = sayEvent({
      id: '1',
      type: 'taster.canary.finished',
      source: '',
      time: '',
      subject: '',
      data,
    })
    expect([level, told]).toEqual(['bad', 'near-copies was not named in 2,500 records with 50 poisons'])
  })

  it('that the line emits are understood', () => {
    const at = new Date('2026-11-22T08:00:00Z')
    const event = lifecycleEvent('started', {
      pipeline: 'mail',
      baseline: 'b',
      policy: 'p',
      engine: '0.1.0',
      member: 'm',
      at,
    })
    expect(show([asMessage(event)])).toContain('started mail: Taster 0.1.0, by m')
    expect(typeof eventsOf).toBe('function')
  })

  it.each([null, 1, [], {}, { reasons: {} }, { detector: {}, subject: { kind: 'feature' } }])(
    'with data %j of another kind are told by their type',
    (of) => {
      for (const type of eventTypes)
        expect(sayEvent({ id: '1', type, source: '/taster/x', time: '', subject: 'about', data: of })).toMatchObject({
          what: type,
          text: 'about',
        })
    },
  )
})
