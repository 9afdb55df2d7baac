import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import { header, type Message } from '../../src/core/message.ts'
import { decode } from '../../src/engine/decode.ts'
import type { Fields } from '../../src/engine/decode/fields.ts'
import { codecs } from '../../src/kafka/codecs.ts'
import { kafkajs } from '../../src/kafka/load.ts'
import { build, ndjson, start, type Ended } from '../integration/taster.ts'
import { command, fileOf } from './command.ts'
import { clientOf, createTopic, readAll } from './topic.ts'

build()
const client = clientOf()

const rows = (count: number, padding = 0) =>
  Array.from({ length: count }, (_, i) => ({
    id: `m${i}`,
    source: `s${i % 7}`,
    label: 'ham',
    text: `t ${'x'.repeat(padding)}`,
  }))

const text = (message: Message) => Buffer.from(message.value ?? []).toString()
const idOf = (message: Message) => (JSON.parse(text(message)) as { id: string }).id
const numberOf = (message: Message) => Number(idOf(message).slice(1))
const fields: Fields = {
  id: 'id',
  source: 'source',
  label: 'label',
  labelRequired: true,
  content: { kind: 'text', columns: ['text'] },
} as unknown as Fields

const summary = ({ out }: Ended) =>
  JSON.parse(out) as { records: number; messages: number; unreadable: unknown[]; interrupted: boolean }

describe('taster produce', () => {
  it('puts each row on the topic once, in turn on its partitions, with its bytes', async () => {
    const topic = await createTopic(client, { partitions: 3 })
    const file = fileOf('mails.ndjson', `${ndjson(rows(5000))}{broken\n`)
    const done = await command(['produce', file, '--topic', topic, '--json'])
    expect(done.code).toBe(0)
    expect(summary(done)).toMatchObject({ records: 5001, messages: 5001, interrupted: false, unreadable: [] })
    const all = await readAll(client, topic)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(all.map(text).toSorted()).toEqual(lines.toSorted())
    for (const partition of [0, 1, 2])
      expect(all.filter(({ at }) => at.partition === partition).map(text)).toEqual(
        lines.filter((_, i) => i % 3 === partition),
      )
    expect(header(all[0] ?? ({} as Message), 'content-type')).toBe('application/json')
    expect(decode(all, fields).id.length).toBe(5000)
  })

  it('keys records by a column, on the partitions where other clients put that key', async () => {
    const topic = await createTopic(client, { partitions: 5 })
    const file = fileOf(
      'mails.csv',
      `id,source,label,text\n${rows(300)
        .map(({ id, source }) => `${id},${source},ham,"a, b"`)
        .join('\r\n')}`,
    )
    expect((await command(['produce', file, '--topic', topic, '--key', 'source'])).code).toBe(0)
    const all = await readAll(client, topic)
    expect(all.length).toBe(300)
    const choose = kafkajs.Partitioners.DefaultPartitioner()
    const partitionMetadata = [0, 1, 2, 3, 4].map((partitionId) => ({ partitionId, leader: 1 })) as never
    for (const { key, at } of all)
      expect(at.partition).toBe(
        choose({ topic, partitionMetadata, message: { key: Buffer.from(key ?? []), value: null } }),
      )
    const batch = decode(all, fields)
    expect(batch.rejected).toEqual([])
    expect(batch.id.toSorted()).toEqual(
      rows(300)
        .map(({ id }) => id)
        .toSorted(),
    )
    expect(new Set(all.map(({ key }) => String(Buffer.from(key ?? []))))).toEqual(
      new Set(rows(7).map(({ source }) => source)),
    )
  })

  it('sends tables as streams of their own, cut where the topic takes no more', async () => {
    const topic = await createTopic(client, { config: { 'max.message.bytes': '20000' } })
    const ids = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    const table = tableFromArrays({
      id: ids,
      source: ids,
      label: ids,
      text: ids.map((id) => `${id} ${'x'.repeat(400)}`),
    })
    const file = fileOf('mails.arrows', tableToIPC(table, 'stream'))
    const done = await command(['produce', file, '--topic', topic, '--rows', '200', '--json'])
    expect(done).toMatchObject({ code: 0 })
    const all = await readAll(client, topic)
    expect(summary(done)).toMatchObject({ records: 1000, messages: all.length })
    for (const { value } of all) expect(tableFromIPC(value ?? []).numRows).toBeGreaterThan(0)
    expect(decode(all, fields).id).toEqual(ids)
  })

  it.each(codecs)('compresses with %s', async (codec) => {
    const topic = await createTopic(client)
    const done = await command([
      'produce',
      fileOf('a.ndjson', ndjson(rows(500, 300))),
      '--topic',
      topic,
      '--compression',
      codec,
    ])
    expect(done.code).toBe(0)
    expect((await readAll(client, topic)).map(idOf)).toEqual(rows(500).map(({ id }) => id))
  })

  it('reads standard input', async () => {
    const topic = await createTopic(client)
    const child = start(['produce', '-', '--topic', topic, '--brokers', client.connection.brokers.join()], '/')
    child.stdin.end(ndjson(rows(10)))
    expect((await child.ended).code).toBe(0)
    expect((await readAll(client, topic)).length).toBe(10)
  })

  it('sends what stands before damage, and says so', async () => {
    const topic = await createTopic(client)
    const whole = gzipSync(ndjson(rows(2000, 50)), { level: 0 })
    const file = fileOf('torn.ndjson.gz', whole.subarray(0, whole.length / 2))
    const done = await command(['produce', file, '--topic', topic, '--json'])
    expect(done.code).toBe(2)
    expect(summary(done).unreadable).toHaveLength(1)
    const sent = (await readAll(client, topic)).map(numberOf)
    expect(sent.length).toBeGreaterThan(500)
    expect(sent).toEqual(sent.map((_, i) => i))
    expect(summary(done).records).toBe(sent.length)
  })

  it('stops at a record that the topic does not take, and says how far it came', async () => {
    const topic = await createTopic(client, { config: { 'max.message.bytes': '5000' } })
    const file = fileOf('a.ndjson', ndjson([...rows(1500), ...rows(1, 9000), ...rows(10)]))
    const { code, err } = await command(['produce', file, '--topic', topic])
    expect(code).toBe(2)
    expect(err).toMatch(/row 1,501 [^]*MESSAGE_TOO_LARGE/)
    const [, acknowledged] = /([\d,]+) records acknowledged/.exec(err) ?? []
    expect(Number(acknowledged?.replaceAll(',', ''))).toBe((await readAll(client, topic)).length)
  })

  it.each([
    [['--topic', 'no-such-topic'], 'TOPIC_MISSING'],
    [['--topic', 'x', '--rate', '0'], 'CONFIG_INVALID'],
    [['--topic', 'x', '--compression', 'rar'], 'CONFIG_INVALID'],
    [['--topic', 'x', '--partitioner', 'luck'], 'CONFIG_INVALID'],
  ])('%j is %s', async (flags, expected) => {
    const { code, err, out } = await command(['produce', fileOf('a.ndjson', ndjson(rows(1))), ...flags, '--json'])
    expect(code).toBe(2)
    expect(err).toContain(expected)
    expect(JSON.parse(out)).toMatchObject({ error: { code: expected } })
  })

  it('refuses a key that is no column before it sends anything', async () => {
    const topic = await createTopic(client)
    const file = fileOf('a.ndjson', ndjson(rows(5)))
    const { code, err } = await command(['produce', file, '--topic', topic, '--key', 'sauce'])
    expect(code).toBe(2)
    expect(err).toMatch(/Did you mean\s+'source'/)
    expect(await readAll(client, topic)).toEqual([])
  })

  it('keeps to a rate, and stops on SIGINT with what was acknowledged', async () => {
    const topic = await createTopic(client, { partitions: 2 })
    const file = fileOf('a.ndjson', ndjson(rows(100_000)))
    const args = ['produce', file, '--topic', topic, '--rate', '300', '--json', '--brokers']
    const child = start([...args, client.connection.brokers.join()], '/')
    while (child.exitCode === null && (await readAll(client, topic)).length < 50)
      await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGINT')
    const done = await child.ended
    expect(done.code).toBe(130)
    const sent = (await readAll(client, topic)).map(numberOf).toSorted((a, b) => a - b)
    expect(summary(done)).toMatchObject({ records: sent.length, interrupted: true })
    expect(sent).toEqual(sent.map((_, i) => i))
    expect(sent.length).toBeLessThan(100_000)
  })
})

describe('while the broker is killed and started again', () => {
  let broker: JvmBroker
  beforeAll(async () => {
    broker = await startJvmBroker()
  })
  afterAll(() => broker.stop())

  it('loses and repeats nothing', async () => {
    const own = clientOf(broker.brokers)
    const topic = await createTopic(own, { partitions: 3 })
    const count = 8000
    const file = fileOf('a.ndjson', ndjson(rows(count, 200)))
    const child = start(
      ['produce', file, '--topic', topic, '--rate', '1500', '--json', '--brokers', broker.brokers],
      '/',
    )
    for (const least of [1000, 4000]) {
      while (child.exitCode === null && (await readAll(own, topic)).length < least)
        await new Promise((resolve) => setTimeout(resolve, 100))
      await broker.restart()
    }
    const done = await child.ended
    expect(done).toMatchObject({ code: 0 })
    expect(summary(done)).toMatchObject({ records: count, unanswered: 0 })
    const all = await readAll(own, topic)
    expect(all.map(numberOf).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    for (const partition of [0, 1, 2]) {
      const numbers = all.filter(({ at }) => at.partition === partition).map(numberOf)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })
})
