import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import type { Header } from '../../src/core/message.ts'
import { producible } from '../../src/kafka/client.ts'
import { codecs, compressionOf } from '../../src/kafka/codecs.ts'
import { openReader, type Fetched, type ReaderOptions } from '../../src/kafka/reader.ts'
import { clientOf, createTopic, freshName, produceAll, readAll } from './topic.ts'

const bytes = (text: string) => Buffer.from(text)
const anyTime = { 'message.timestamp.after.max.ms': '9223372036854775807', 'retention.ms': '-1' }

async function reading<T>(
  topic: string,
  options: ReaderOptions,
  work: (fetch: (from: bigint) => Promise<Fetched>) => Promise<T>,
) {
  const reader = await openReader(clientOf(), topic, 0, options)
  try {
    return await work((from) => reader.fetch(from))
  } finally {
    await reader.close()
  }
}

describe('a message comes back as it was sent', () => {
  it('with headers of any name, in order, repeated, null and binary', async () => {
    const client = clientOf()
    const topic = await createTopic(client)
    const headers: Header[] = [
      ['b', bytes('1')],
      ['constructor', Buffer.from([0, 255, 128])],
      ['__proto__', bytes('polluted')],
      ['toString', null],
      ['b', null],
      ['1', Buffer.alloc(0)],
      ['b', bytes('3')],
      ['', bytes('no name')],
      ['ä\u{1f600}', bytes('text')],
      ['\udcfe\udcff', bytes('a name that is not UTF-8')],
    ]
    await produceAll(client, topic, [
      { key: Buffer.from([0, 0, 0, 0]), value: Buffer.from([255, 0]), headers },
      { key: null, value: null },
    ])
    const [first, second] = await readAll(client, topic)
    expect(first).toMatchObject({ key: Buffer.from([0, 0, 0, 0]), value: Buffer.from([255, 0]), headers })
    expect(second).toMatchObject({ key: null, value: null, headers: [] })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)

    // What was read can be sent again.
    const again = await createTopic(client)
    await produceAll(
      client,
      again,
      [first, second].flatMap((message) => (message === undefined ? [] : [message])),
    )
    const [copy] = await readAll(client, again)
    expect(copy).toMatchObject({ key: first?.key, value: first?.value, headers, timestamp: first?.timestamp })
  })

  it.each(codecs)('with its time, through codec %s', async (compression) => {
    const client = clientOf()
    const topic = await createTopic(client, { config: anyTime })
    const times = [9, 10, -1, 0, 1_700_000_000_000, 253_402_300_800_000, Number.MAX_SAFE_INTEGER, 5]
    const producer = client.kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const records = times.map((time, i) => ({
      key: bytes(`key ${i}`),
      value: Buffer.alloc(5000, `value ${i} `),
      headers: [['h', bytes(String(i))]] satisfies Header[],
      timestamp: String(time),
      partition: 0,
    }))
    await producer.send({ topic, compression: compressionOf(compression), messages: producible(records) })
    await producer.disconnect()
    const messages = await readAll(client, topic)
    expect(messages.map(({ timestamp }) => timestamp)).toEqual(times)
    expect(messages.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
      records.map(({ key, value, headers }) => ({ key, value, headers })),
    )
  })

  it('of 10 MB, among small ones, though a fetch asks for less', async () => {
    const client = clientOf()
    const topic = await createTopic(client, { config: { 'max.message.bytes': String(11 * 2 ** 20) } })
    const large = randomBytes(10 * 2 ** 20)
    await produceAll(client, topic, [{ value: 'before' }, { value: large }, { value: 'after' }])
    const sizes = await reading(topic, { maxBytes: 1000 }, async (fetch) => {
      const found: number[] = []
      for (let next = 0n; next < 3n;) {
        const fetched = await fetch(next)
        for (const { value } of fetched.messages) found.push(value?.length ?? -1)
        next = fetched.next
      }
      return found
    })
    expect(sizes).toEqual([6, large.length, 5])
    expect(large.equals((await readAll(client, topic))[1]?.value ?? large.subarray(1))).toBe(true)
  })

  it('as one of 200,000 in a batch', async () => {
    const client = clientOf()
    const topic = await createTopic(client, { config: { 'max.message.bytes': String(11 * 2 ** 20) } })
    const producer = client.kafka.producer()
    await producer.connect()
    const records = Array.from({ length: 200_000 }, (_, i) => ({
      value: String(i),
      partition: 0,
      timestamp: String(i),
    }))
    await producer.send({ topic, messages: producible(records), compression: compressionOf('gzip') })
    await producer.disconnect()
    const messages = await readAll(client, topic)
    expect(messages).toHaveLength(200_000)
    expect(messages.every(({ value }, i) => String(value) === String(i))).toBe(true)
  })
})

describe('a fetch', () => {
  it('leaves out what was aborted, keys of four zero bytes or not, and shows no open transaction', async () => {
    const client = clientOf()
    const topic = await createTopic(client)
    const producer = client.kafka.producer({ transactionalId: freshName('tx'), maxInFlightRequests: 1 })
    await producer.connect()
    const begin = async (value: string) => {
      const transaction = await producer.transaction()
      const records = [1, 2].map((i) => ({ key: Buffer.alloc(4), value: `${value} ${i}`, partition: 0 }))
      for (const record of records) await transaction.send({ topic, messages: producible([record]) })
      return transaction
    }
    await (await begin('aborted')).abort()
    await (await begin('committed')).commit()
    await (await begin('aborted')).abort()
    const open = await begin('open')
    const reader = await openReader(client, topic, 0)
    expect((await readAll(client, topic)).map(({ value }) => String(value))).toEqual(['committed 1', 'committed 2'])
    expect(await reader.bounds()).toEqual({ start: 0n, end: 9n, written: 11n })
    const past = await reader.fetch(6n) // aborted records and a marker are all there is
    expect(past).toMatchObject({ messages: [], next: 9n, end: 9n })
    expect(await reader.fetch(9n)).toMatchObject({ messages: [], next: 9n })
    expect(await readAll(client, topic, 'read_uncommitted')).toHaveLength(8)
    await open.commit()
    expect((await reader.fetch(9n)).messages).toHaveLength(2)
    await reader.close()
    await producer.disconnect()
  })

  it('passes over what compaction took', async () => {
    const client = clientOf()
    const config = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
      'min.compaction.lag.ms': '0',
      'delete.retention.ms': '0',
    }
    const topic = await createTopic(client, { config })
    const send = (from: number) =>
      produceAll(
        client,
        topic,
        Array.from({ length: 50 }, (_, i) => ({ key: `key ${i % 5}`, value: `value ${from + i}` })),
      )
    // The broker compacts on its own clock, and only what a later segment follows.
    let sent = 0
    const messages = await vi.waitFor(
      async () => {
        await send(sent)
        sent += 50
        const found = await readAll(client, topic)
        expect(found.length).toBeLessThan(sent)
        return found
      },
      { timeout: 120_000, interval: 500 },
    )
    const offsets = messages.map(({ at }) => at.offset)
    expect(messages.length).toBeLessThan(Number(offsets.at(-1) ?? 0n) + 1)
    expect(offsets).toEqual(offsets.toSorted((a, b) => (a < b ? -1 : 1)))
    const latest = new Map(messages.map(({ key, value }) => [String(key), String(value)]))
    expect([...latest.keys()].toSorted()).toEqual(['key 0', 'key 1', 'key 2', 'key 3', 'key 4'])
  })

  it('outside the log is an error', async () => {
    const client = clientOf()
    const topic = await createTopic(client)
    await produceAll(
      client,
      topic,
      ['a', 'b', 'c'].map((value) => ({ value })),
    )
    const reader = await openReader(client, topic, 0)
    await expect(reader.fetch(4n)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    const admin = client.kafka.admin()
    await admin.connect()
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    await admin.disconnect()
    await expect(reader.fetch(0n)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    expect(await reader.bounds()).toEqual({ start: 2n, end: 3n, written: 3n })
    expect((await reader.fetch(2n)).messages).toHaveLength(1)
    await reader.close()
    await expect(reader.fetch(2n)).rejects.toMatchObject({ code: 'INVARIANT_BROKEN' })
  })

  it('of a topic or a partition that there is not is an error, and so is writing to one', async () => {
    const client = clientOf()
    const topic = await createTopic(client)
    await expect(openReader(client, freshName('missing'), 0)).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    await expect(openReader(client, topic, 1)).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    await expect(produceAll(client, topic, [{ value: 'a', partition: 1 }])).rejects.toThrow(/has no partition 1/)
    expect(await readAll(client, topic)).toEqual([])
  })
})

describe('a broker that goes away', () => {
  let broker: JvmBroker
  beforeAll(async () => void (broker = await startJvmBroker()))
  afterAll(() => broker?.stop())

  it('is an error after a while, and the reader goes on where it comes back', async () => {
    const client = clientOf(broker.brokers)
    const topic = await createTopic(client)
    await produceAll(client, topic, [{ value: 'a' }])
    const reader = await openReader(client, topic, 0)
    expect((await reader.fetch(0n)).messages).toHaveLength(1)
    await broker.kill()
    await expect(reader.fetch(1n)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' })
    await expect(reader.bounds()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' })
    await expect(openReader(client, topic, 0)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' })
    await broker.restart()
    await produceAll(client, topic, [{ value: 'b' }])
    expect((await reader.fetch(1n)).messages.map(({ value }) => String(value))).toEqual(['b'])
    await reader.close()
  })
})
