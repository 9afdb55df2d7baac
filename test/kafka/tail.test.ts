import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import type { CloudEvent } from '../../src/core/line.ts'
import type { Message } from '../../src/core/message.ts'
import { eventMessage } from '../../src/kafka/cloud-event.ts'
import { producible } from '../../src/kafka/client.ts'
import { tail, type TailOptions } from '../../src/kafka/tail.ts'
import { build } from '../integration/taster.ts'
import { command, startCommand } from './command.ts'
import { clientOf, createTopic, freshName, produceAll } from './topic.ts'

build()
const client = clientOf()

const event = (type: string, data: object): CloudEvent => ({
  specversion: '1.0',
  id: freshName('id'),
  source: '/taster/mail',
  type,
  time: '2026-11-22T08:30:00.000Z',
  subject: 'trigger',
  datacontenttype: 'application/json',
  data,
})

const alarm = (source: string) =>
  event('taster.alarm.raised', {
    from: { topic: 'mail', partition: 0, offset: '0' },
    to: { topic: 'mail', partition: 0, offset: '9' },
    detector: 'pair-flip',
    subject: { kind: 'source', name: source },
    summary: 'flips ham to spam',
    facts: {},
  })

const eventsOn = (topic: string, events: readonly CloudEvent[]) =>
  produceAll(
    client,
    topic,
    events.map((one) => eventMessage(one, 1)).map((one) => ({ ...one, timestamp: Date.now() })),
  )

const value = (message: Message) => Buffer.from(message.value ?? []).toString()

/** Follows topics in this process until so many messages were shown. */
function following(topics: readonly string[], count: number, given: Partial<TailOptions<string>> = {}, of = client) {
  const stop = new AbortController()
  const shown: string[] = []
  const troubles: string[] = []
  let started = () => {}
  const ready = new Promise<void>((resolve) => (started = resolve))
  const done = tail(of, topics, {
    from: 'latest',
    signal: stop.signal,
    of: value,
    async show(item) {
      shown.push(item)
      if (shown.length === count) stop.abort()
    },
    ready: () => started(),
    trouble: (text) => troubles.push(text),
    ...given,
  })
  const begun = Promise.race([ready, done])
  begun.catch(() => {}) // whoever waits for it is told
  return { ready: begun, done, shown, troubles, stop: () => stop.abort() }
}

describe('taster tail', () => {
  it('shows events in words as they happen, and ends after --count', async () => {
    const topic = await createTopic(client)
    await eventsOn(topic, [alarm('from before')])
    const child = await startCommand(['tail', topic, '--count', '2'], /following 1 partition/)
    await eventsOn(topic, [alarm('vendor \u001b[31m7'), event('taster.unheard.of', {})])
    const { code, out } = await child.ended
    expect(code).toBe(0)
    expect(out).toMatch(
      /alarm mail: source "vendor \\e\[31m7", found by pair-flip: flips ham to spam\n.*taster\.unheard\.of/,
    )
    expect(out).not.toContain('from before')
  })

  it('gives one JSON document a line, and values on request', async () => {
    const topic = await createTopic(client, { partitions: 2 })
    await produceAll(client, topic, [
      {
        value: '{"text":"secret"}',
        key: 'k',
        partition: 1,
        headers: [
          ['taster-verdict', Buffer.from('quarantine')],
          ['taster-verdict-id', Buffer.from('abc')],
          ['taster-reason', Buffer.from('why')],
        ],
      },
    ])
    const plain = await command(['tail', topic, '--from', 'earliest', '--count', '1', '--json'])
    expect(plain.code).toBe(0)
    expect(plain.out).not.toContain('secret')
    expect(JSON.parse(plain.out)).toMatchObject({
      topic,
      partition: 1,
      offset: '0',
      event: null,
      verdict: { decision: 'quarantine', id: 'abc', reason: 'why' },
      value: null,
    })
    const { out } = await command(['tail', topic, '--from', '5', '--count', '1', '--json', '--values'])
    expect(JSON.parse(out)).toMatchObject({ key: 'k', value: '{"text":"secret"}' })
  })

  it('ends on SIGINT with 130', async () => {
    const child = await startCommand(['tail', await createTopic(client)], /following/)
    child.kill('SIGINT')
    expect((await child.ended).code).toBe(130)
  })

  it.each([
    [['no-such-topic'], 'TOPIC_MISSING'],
    [['x', '--from', 'yesterday'], 'CONFIG_INVALID'],
    [['x', '--count', '0'], 'CONFIG_INVALID'],
  ])('%j is %s', async (args, expected) => {
    const { code, err } = await command(['tail', ...args])
    expect(code).toBe(2)
    expect(err).toContain(expected)
  })
})

describe('following', () => {
  it('shows what is committed, never what was aborted', async () => {
    const topic = await createTopic(client)
    const producer = client.kafka.producer({
      transactionalId: freshName('tail'),
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    const { ready, done, shown } = following([topic], 2)
    await ready
    for (const [text, ends] of [
      ['aborted', 'abort'],
      ['first', 'commit'],
      ['second', 'commit'],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: producible([{ value: text, partition: 0 }]) })
      await transaction[ends]()
    }
    await done
    await producer.disconnect()
    expect(shown).toEqual(['first', 'second'])
  })

  it('begins so many messages before the end, over all partitions and in the order of time', async () => {
    const topic = await createTopic(client, { partitions: 3 })
    const sent = Array.from({ length: 30 }, (_, i) => ({
      value: `${i}`,
      partition: (i * 7) % 3,
      timestamp: 1.7e12 + i,
    }))
    await produceAll(client, topic, sent)
    const { done, shown } = following([topic], 10, { from: 10 })
    await done
    expect(shown).toEqual(sent.slice(-10).map((one) => one.value))
  })

  it('reaches back over the marks of transactions', async () => {
    const topic = await createTopic(client)
    const producer = client.kafka.producer({ transactionalId: freshName('tail'), maxInFlightRequests: 1 })
    await producer.connect()
    for (let i = 0; i < 12; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: producible([{ value: `${i}`, partition: 0 }]) })
      await transaction.commit()
    }
    await producer.disconnect()
    const { done, shown } = following([topic], 8, { from: 8 })
    await done
    expect(shown).toEqual(['4', '5', '6', '7', '8', '9', '10', '11'])
  })

  it('finds partitions that are added later', async () => {
    const topic = await createTopic(client)
    const { ready, done, shown } = following([topic], 2, { lookMs: 100 })
    await ready
    const admin = client.kafka.admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await admin.disconnect()
    await produceAll(client, topic, [{ value: 'new', partition: 2 }])
    await produceAll(client, topic, [{ value: 'old', partition: 0 }])
    await done
    expect(shown.toSorted()).toEqual(['new', 'old'])
  })

  it('goes on where messages are deleted before they are read', async () => {
    const topic = await createTopic(client)
    await produceAll(
      client,
      topic,
      Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })),
    )
    let block = () => {}
    const blocked = new Promise<void>((resolve) => (block = resolve))
    const first: string[] = []
    let reached = () => {}
    const atFirst = new Promise<void>((resolve) => (reached = resolve))
    const { done, shown, troubles, stop } = following([topic], Infinity, {
      from: 'earliest',
      of: (message) => {
        first.push(value(message))
        return value(message)
      },
      async show(item) {
        shown.push(item)
        reached()
        await blocked
        if (item === '19') stop()
      },
    })
    await atFirst
    await produceAll(
      client,
      topic,
      Array.from({ length: 10 }, (_, i) => ({ value: `${i + 10}` })),
    )
    const admin = client.kafka.admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] })
    await admin.disconnect()
    block()
    await done
    expect(shown).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '15', '16', '17', '18', '19'])
    expect(troubles.join()).toMatch(/offset 10 .* is gone: reading goes on at 15/)
  })

  it('ends with an error where the topic is missing', async () => {
    await expect(following([freshName('none')], 1).done).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
  })
})

describe('while the broker is killed and started again', () => {
  let broker: JvmBroker
  beforeAll(async () => {
    broker = await startJvmBroker()
  })
  afterAll(() => broker.stop())

  it('waits, and misses and repeats nothing', async () => {
    const own = clientOf(broker.brokers)
    const topic = await createTopic(own, { partitions: 2 })
    const { ready, done, shown } = following([topic], 40, {}, own)
    await ready
    const send = (from: number) =>
      produceAll(
        own,
        topic,
        Array.from({ length: 20 }, (_, i) => ({ value: `${from + i}`, partition: i % 2 })),
      )
    await send(0)
    while (shown.length < 20) await sleep(50)
    await broker.restart()
    await send(20)
    await done
    expect(shown.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })
})
