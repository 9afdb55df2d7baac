import { readFileSync } from 'node:fs'
import { afterAll, expect, inject, it } from 'vitest'
import type { Header, Message } from '../../src/core/message.ts'
import { contentTypes } from '../../src/engine/decode/content-type.ts'
import { producible, type Client } from '../../src/kafka/client.ts'
import { codecs, compressionOf } from '../../src/kafka/codecs.ts'
import { build } from '../integration/taster.ts'
import { expectDescribed, textHeaders } from './described.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster, type Process } from './process.ts'
import { codecsOn } from './raw-batch.ts'
import {
  createPipelineTopics,
  expectExactlyOnce,
  messagesOf,
  pipelineFile,
  points,
  seen,
  verdictsOf,
  type Names,
} from './stream.ts'
import { clientOf, freshName, produceAll, type Sent } from './topic.ts'

build()
afterAll(killAll)

type Row = ReturnType<typeof points>[number]

const partitions = 2
const vectorColumns = Array.from({ length: 8 }, (_, i) => `v${i}`)
const fields = { id: 'id', source: 'source', label: 'label', vector: vectorColumns }
const flat = ({ id, source, label, vector }: Row) => ({
  id,
  source,
  label,
  ...Object.fromEntries(vectorColumns.map((name, i) => [name, vector[i] ?? 0])),
})
const names = ['id', 'source', 'label', ...vectorColumns]
const cells = ({ id, source, label, vector }: Row) => [id, source, label, ...vector]

// made by fixtures/arrow-points.py
const { streams } = JSON.parse(readFileSync(new URL('./fixtures/arrow-points.json', import.meta.url), 'utf8')) as {
  streams: { readonly [name: string]: string }
}

const lines = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(flat(row))}\n`).join('')
const separated = (rows: readonly Row[], by: string) =>
  [names, ...rows.map(cells)].map((row) => row.join(by)).join('\n')
const typed = (type: string, ...more: Header[]): Header[] => [['content-type', Buffer.from(type)], ...more]

const shapes: readonly {
  readonly name: string
  readonly headers: readonly Header[]
  readonly rows: number
  readonly value: (rows: readonly Row[]) => string | Buffer
}[] = [
  { name: 'a record', headers: typed(contentTypes.json), rows: 1, value: ([row]) => JSON.stringify(row && flat(row)) },
  { name: 'a record, not named', headers: [], rows: 1, value: ([row]) => JSON.stringify(row && flat(row)) },
  { name: 'an array', headers: typed(contentTypes.json), rows: 20, value: (rows) => JSON.stringify(rows.map(flat)) },
  { name: 'an array, not named', headers: [], rows: 20, value: (rows) => JSON.stringify(rows.map(flat)) },
  { name: 'lines', headers: typed(contentTypes.lines), rows: 20, value: lines },
  { name: 'lines, not named', headers: [], rows: 20, value: lines },
  { name: 'CSV', headers: typed(contentTypes.csv), rows: 20, value: (rows) => separated(rows, ',') },
  {
    name: 'tabs',
    headers: typed(`${contentTypes.tabs}; charset=utf-8`),
    rows: 20,
    value: (rows) => separated(rows, '\t'),
  },
  {
    name: 'a record of CSV',
    headers: typed(contentTypes.csv, ['taster-csv-header', Buffer.from(names.join(','))]),
    rows: 1,
    value: ([row]) => (row === undefined ? '' : cells(row).join(',')),
  },
  ...Object.entries(streams).map(([name, stream], i) => ({
    name: `Arrow: ${name}`,
    headers: i % 2 === 0 ? typed(contentTypes.arrow) : [],
    rows: name.includes('replaced') ? 80 : 40,
    value: () => Buffer.from(stream, 'base64'),
  })),
]

/** One message of each shape a round, each round through another codec. Gives how many rows there are. */
async function produceShapes(client: Client, topic: string, rounds: number): Promise<number> {
  const producer = client.kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  let sent = 0
  for (let round = 0; round < rounds; round++) {
    const messages = []
    for (const [i, { headers, rows, value }] of shapes.entries()) {
      const bytes = value(points(rows, round * 100 + i + 10))
      messages.push({
        key: `${round} ${i}`,
        value: bytes,
        headers,
        partition: (round + i) % partitions,
        timestamp: 1.7e12 + i,
      })
      sent += rows
    }
    const codec = codecs[round % codecs.length] ?? 'none'
    await producer.send({ topic, compression: compressionOf(codec), messages: producible(messages) })
  }
  await producer.disconnect()
  return sent
}

const recordsIn = (line: Process, pipeline: string) =>
  line
    .lines()
    .filter((each) => each['event'] === 'batch' && each['pipeline'] === pipeline)
    .reduce((sum, each) => sum + Number(each['records']), 0)

it('reads every shape and codec, and writes by every codec', { timeout: 300_000 }, async () => {
  const client = clientOf()
  const first = await createPipelineTopics(client, partitions)
  const records = await produceShapes(client, first.input, 10)
  const pipelines: { name: string; names: Names; group: string; file: string }[] = []
  for (const compression of codecs) {
    const of = await createPipelineTopics(client, partitions, { input: first.input })
    const [name, group] = [`by-${compression}`, freshName('group')]
    const file = await pipelineFile(of, { name, input: { group, fields }, output: { compression } })
    pipelines.push({ name, names: of, group, file })
  }
  // Where neither header nor bytes say what it is, the pipeline does.
  const told = await createPipelineTopics(client, 1)
  const csv = { name: 'told-csv', names: told, group: freshName('group') }
  const toldFile = await pipelineFile(told, { name: csv.name, input: { group: csv.group, fields, format: 'csv' } })
  await produceAll(
    client,
    told.input,
    [1, 2, 3].map((i) => ({ value: separated(points(30, i), ',') })),
  )

  const line = startTaster([...pipelines.map(({ file }) => file), toldFile], inject('brokers'))
  for (const { names: of, group } of [...pipelines, csv]) await untilRead(client, group, of.input, line)
  await stopped(line)
  let undisturbed: ReadonlyMap<string, string> | undefined
  for (const [codec, { name, names: of }] of pipelines.entries()) {
    const all = await seen(client, of)
    const counts = expectExactlyOnce(all)
    expect(all.deadLetter.map(textHeaders)).toEqual([])
    expectDescribed(all)
    expect(recordsIn(line, name)).toBe(records)
    for (const topic of [of.clean, of.state]) expect([...(await codecsOn(client, topic, 0))]).toEqual([codec])
    undisturbed ??= verdictsOf(all)
    expect(verdictsOf(all)).toEqual(undisturbed)
    console.log(JSON.stringify({ pipeline: name, records, ...counts }))
  }
  expect(expectExactlyOnce(await seen(client, told))).toMatchObject({ clean: 3 })
  expect(recordsIn(line, csv.name)).toBe(90)
})

const number = (message: Message, name: string) => {
  const value = Buffer.from(message.headers.findLast(([each]) => each === name)?.[1] ?? [])
  return value.length === 4 ? BigInt(value.readInt32BE()) : value.readBigInt64BE()
}

it('begins at the end, holds single records, and says where from as Spring does', { timeout: 300_000 }, async () => {
  const client = clientOf()
  const of = await createPipelineTopics(client, partitions)
  const group = freshName('group')
  const file = await pipelineFile(of, {
    input: { group, from: 'latest' },
    policy: { granularity: 'record' },
    output: { originHeaders: 'spring' },
  })
  const stream = messagesOf(points(4000, 7, 500), partitions)
  const part = (from: number, to: number): Sent[] => stream.slice(from, to)
  const earlier = 300
  await produceAll(client, of.input, part(0, earlier))
  const line = startTaster([file], inject('brokers'))
  for (let partition = 0; partition < partitions; partition++) await line.logged({ event: 'opened', partition })
  await produceAll(client, of.input, part(earlier, 2000))
  await untilRead(client, group, of.input, line)
  await stopped(line)
  // What comes while nobody reads is read later: only a new group begins at the end.
  await produceAll(client, of.input, part(2000, 4000))
  const again = startTaster([file], inject('brokers'))
  await untilRead(client, group, of.input, again)
  await stopped(again)

  const all = await seen(client, of)
  const input = all.input.filter(({ at }) => at.offset >= BigInt(earlier / partitions))
  const counts = expectExactlyOnce({ ...all, input })
  const events = expectDescribed(all)
  const batchesOf = (messages: readonly Message[]) =>
    new Set(messages.map((message) => textHeaders(message)['taster-verdict-id']))
  const shared = [...batchesOf(all.quarantine)].filter((id) => batchesOf(all.clean).has(id))
  expect(all.quarantine.length).toBeGreaterThan(0)
  expect(shared.length, 'batches of which some records passed').toBeGreaterThan(0)
  for (const message of all.quarantine) {
    const [partition, offset] = [
      number(message, 'kafka_dlt-original-partition'),
      number(message, 'kafka_dlt-original-offset'),
    ]
    const origin = all.input.find(({ at }) => BigInt(at.partition) === partition && at.offset === offset)
    expect(Buffer.compare(origin?.value ?? Buffer.alloc(0), message.value ?? Buffer.alloc(1))).toBe(0)
    expect(number(message, 'kafka_dlt-original-timestamp')).toBe(BigInt(message.timestamp))
    const headers = textHeaders(message)
    expect(headers['kafka_dlt-original-topic']).toBe(of.input)
    expect(headers['kafka_dlt-original-consumer-group']).toBe(group)
    expect(Object.keys(headers).filter((name) => name.startsWith('__connect.'))).toEqual([])
  }
  console.log(JSON.stringify({ ...counts, sharedBatches: shared.length, events: Object.fromEntries(events) }))
})
