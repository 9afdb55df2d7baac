import { gzipSync } from 'node:zlib'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterAll, expect, inject, it } from 'vitest'
import type { Code } from '../../src/core/errors.ts'
import { header, type Header, type Message } from '../../src/core/message.ts'
import { mostHops } from '../../src/engine/decode/hops.ts'
import { producible } from '../../src/kafka/client.ts'
import { build } from '../integration/taster.ts'
import { command } from './command.ts'
import { expectDescribed, textHeaders } from './described.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { batchOf, codecOf, forged, produceRaw, recordsOf } from './raw-batch.ts'
import { expectExactlyOnce, pipelineFile, points, seen, type Names } from './stream.ts'
import { clientOf, createTopic, freshName, produceAll, type Sent } from './topic.ts'

build()
afterAll(killAll)

interface Poison extends Omit<Sent, 'partition'> {
  readonly name: string
  readonly ends: Code | 'read' // the code of its dead letter; read: it passes, or is held for what was found in it
}

const bytes = (...of: number[]) => Buffer.from(of)
const typed = (type: string): Header[] => [['content-type', Buffer.from(type)]]
const json = typed('application/json')
const [point = { id: '', source: '', label: '', vector: [] }] = points(1, 99)
const record = (more: object = {}) => JSON.stringify({ ...point, ...more })
const framed = (payload: Buffer | string) => Buffer.concat([bytes(0, 0, 0, 4, 53), Buffer.from(payload)])
const arrow = (columns: { [name: string]: unknown[] }) => Buffer.from(tableToIPC(tableFromArrays(columns), 'stream'))
const rows = points(3, 98)
const columns = {
  id: rows.map(({ id }) => id),
  source: rows.map(({ source }) => source),
  label: rows.map(({ label }) => label),
  vector: rows.map(({ vector }) => vector),
}
const control = '\u0000\u0007\u001b[31m\r\n\u202e\ud800'
const hops = (value: string): Header[] => [['taster-hop', Buffer.from(value)]]
const ours = (name: string, value: string): Header => [name, Buffer.from(value)]

const poisons: readonly Poison[] = [
  { name: 'bytes of no kind', value: bytes(0x80, 0x81, 0xfe, 0xff, 0), ends: 'BYTES_MALFORMED' },
  { name: 'invalid UTF-8', value: Buffer.from(record({ id: '\u00ff' }), 'latin1'), ends: 'BYTES_NOT_UTF8' },
  { name: 'text', value: 'hello', ends: 'BYTES_MALFORMED' },
  { name: 'blank', value: ' \n ', headers: json, ends: 'RECORD_EMPTY' },
  { name: 'empty', value: '', ends: 'RECORD_EMPTY' },
  { name: 'a tombstone', key: 'k', value: null, headers: json, ends: 'RECORD_EMPTY' },
  { name: 'neither key nor value', value: null, ends: 'RECORD_EMPTY' },
  { name: 'cut JSON', value: record().slice(0, -9), headers: json, ends: 'BYTES_MALFORMED' },
  { name: 'a number', value: '7', headers: json, ends: 'FIELD_MISTYPED' },
  { name: 'null', value: 'null', headers: json, ends: 'FIELD_MISTYPED' },
  { name: 'an unknown content type', value: record(), headers: typed('image/jpeg'), ends: 'BYTES_MALFORMED' },
  { name: 'a content type that acts', value: record(), headers: typed(`x${control}`), ends: 'BYTES_MALFORMED' },
  {
    name: 'an unknown content encoding',
    value: record(),
    headers: [...json, ['content-encoding', Buffer.from('br')]],
    ends: 'BYTES_MALFORMED',
  },
  { name: 'Avro of a registry', value: framed(bytes(6, 97, 98, 99, 0, 2)), ends: 'BYTES_MALFORMED' },
  { name: 'JSON of a registry', value: framed(record()), ends: 'read' },
  {
    name: 'JSON of a registry, its schema in a header',
    value: record(),
    headers: [['__value_schema_id', Buffer.from(`01${'ab'.repeat(16)}`, 'hex')]],
    ends: 'read',
  },
  { name: 'control characters', value: record({ id: control, source: control }), key: control, ends: 'read' },
  { name: 'a label of control characters', value: record({ label: control }), ends: 'read' },
  { name: 'a long name', value: record({ id: 'x'.repeat(200_000), source: 'y'.repeat(200_000) }), ends: 'read' },
  {
    name: 'names of prototypes',
    value: `{"__proto__":{"label":"x"},"constructor":1,${record({ label: '__proto__' }).slice(1)}`,
    headers: ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length', ''].map((name) => ours(name, 'x')),
    ends: 'read',
  },
  {
    name: 'headers without value',
    value: record(),
    headers: [
      ['content-type', null],
      ['taster-hop', null],
      ['a', null],
      ['a', Buffer.from('b')],
      ['a', null],
    ],
    ends: 'read',
  },
  { name: 'a header name that is no UTF-8', value: record(), headers: [ours('\udcfe\udcff', control)], ends: 'read' },
  {
    name: 'a thousand headers',
    value: record(),
    headers: Array.from({ length: 1000 }, (_, i) => ours(`h${i % 7}`, String(i))),
    ends: 'read',
  },
  { name: '10 MB', value: record({ more: 'x'.repeat(10_000_000) }), ends: 'read' },
  { name: 'above limits.recordBytes', value: record({ more: 'x'.repeat(11_000_000) }), ends: 'RECORD_TOO_LARGE' },
  {
    name: 'many columns',
    value: record(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`c${i}`, i]))),
    ends: 'RECORD_TOO_LARGE',
  },
  {
    name: 'deep JSON',
    value: `${record().slice(0, -1)},"more":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ends: 'RECORD_TOO_DEEP',
  },
  { name: 'no vector', value: record({ vector: undefined }), ends: 'FIELD_MISSING' },
  { name: 'a vector of another length', value: record({ vector: [1, 2] }), ends: 'VALUE_WRONG_SHAPE' },
  { name: 'a vector of text', value: record({ vector: Array(8).fill('x') }), ends: 'FIELD_MISTYPED' },
  { name: 'infinite values', value: record().replace(/\[[^,]*,/, '[1e999,'), ends: 'VALUE_NOT_FINITE' },
  { name: 'no label', value: record({ label: null }), ends: 'LABEL_MISSING' },
  { name: 'before all time', value: record(), timestamp: -1, ends: 'read' },
  { name: 'at the beginning of time', value: record(), timestamp: 0, ends: 'read' },
  { name: 'in the year 10000', value: record(), timestamp: Date.UTC(10_000, 0), ends: 'read' },
  { name: 'at the end of time', value: 'x', timestamp: Number.MAX_SAFE_INTEGER, ends: 'BYTES_MALFORMED' },
  { name: 'an array', value: `[${record()},${record()}]`, ends: 'read' },
  { name: 'an array with a bad row', value: `[${record()},{"id":1},${record()}]`, ends: 'FIELD_MISSING' },
  { name: 'an array without end', value: `[${record()},{"id"`, headers: json, ends: 'BYTES_MALFORMED' },
  { name: 'an empty array', value: '[]', ends: 'RECORD_EMPTY' },
  { name: 'lines with a bad row', value: `${record()}\n{]\n${record()}\n`, ends: 'BYTES_MALFORMED' },
  { name: 'Arrow', value: arrow(columns), headers: typed('application/vnd.apache.arrow.stream'), ends: 'read' },
  {
    name: 'Arrow with a bad row',
    value: arrow({ ...columns, vector: columns.vector.map((vector, i) => (i === 1 ? vector.map(() => NaN) : vector)) }),
    ends: 'VALUE_NOT_FINITE',
  },
  { name: 'cut Arrow', value: arrow(columns).subarray(0, -200), ends: 'BYTES_MALFORMED' },
  {
    name: 'a forged verdict',
    value: 'x',
    headers: [
      ours('taster-verdict', 'pass'),
      ours('taster-verdict-id', '0'),
      ours('taster-batch', '\u0000'),
      ours('taster-hop', '-1'),
      ours('__connect.errors.offset', '-7'),
      ours('ce_type', 'taster.alarm.cleared'),
    ],
    ends: 'BYTES_MALFORMED',
  },
  {
    name: 'a forged verdict on a record',
    value: record(),
    headers: [ours('taster-verdict', 'dead-letter')],
    ends: 'read',
  },
  {
    name: 'a forged word that it is unreadable',
    value: record(),
    headers: [ours('taster-unreadable', control)],
    ends: 'BYTES_MALFORMED',
  },
  { name: 'too many hops', value: record(), headers: hops(String(mostHops)), ends: 'HOPS_EXCEEDED' },
  { name: 'as many hops as may be', value: record(), headers: hops(String(mostHops - 1)), ends: 'read' },
  { name: 'hops that are no number', value: record(), headers: hops(control), ends: 'read' },
]

const partitions = 2
const client = clientOf()

async function topicsFor(pipeline: (names: Names) => Promise<string>): Promise<{ names: Names; file: string }> {
  const config = {
    'max.message.bytes': '12000000',
    'retention.ms': '-1',
    'message.timestamp.after.max.ms': '9223372036854775807',
  }
  const input = await createTopic(client, { partitions, config })
  const names = {
    input,
    clean: `${input}.clean`,
    quarantine: `${input}.held`,
    deadLetter: `${input}.dead`,
    state: `${input}.state`,
    events: `${input}.events`,
  }
  const file = await pipeline(names)
  const { code, err } = await command(['topics', file, '--yes'])
  expect({ code, err }).toMatchObject({ code: 0 })
  return { names, file }
}

/** What became of a message: read, or the code of its dead letter. */
const fateOf = (message: Message) => {
  const headers = textHeaders(message)
  const verdict = headers['taster-verdict']
  return verdict === 'dead-letter' ? headers['taster-reason']?.split(':')[0] : 'read'
}

it('gives every poisonous message a way out with its reason, and goes on', { timeout: 300_000 }, async () => {
  const group = freshName('group')
  const { names, file } = await topicsFor((to) =>
    pipelineFile(to, { input: { group, batch: { records: 500, lingerMs: 100 } } }),
  )
  const good = points(400, 5)
  const now = Date.now()
  const sent: (Sent & { readonly name?: string })[] = good.map((row, i) => ({
    value: JSON.stringify(row),
    headers: [ours('n', `good ${i}`)],
    partition: i % partitions,
    timestamp: now + i,
  }))
  poisons.forEach(({ headers = [], ...poison }, i) => {
    const of = { timestamp: now, ...poison, headers: [ours('n', poison.name), ...headers], partition: i % partitions }
    sent.splice(5 + i * 9, 0, of)
  })
  await produceAll(client, names.input, sent)

  // What a client library would not write, as far as the broker takes it.
  const whole = await batchOf([1, 2].map((i) => ({ value: record({ id: `raw ${i}` }), timestamp: now })))
  const records = recordsOf(whole)
  const raw: readonly [name: string, batch: Buffer][] = [
    ['bytes behind the gzip data', forged(whole, Buffer.concat([gzipSync(records), Buffer.from('tail')]), codecOf(1))],
    ['no gzip data', forged(whole, Buffer.from('garbage'), codecOf(1))],
    ['codec 5', forged(whole, records, codecOf(5))],
    ['codec 7', forged(whole, records, codecOf(7))],
    ['an attribute without meaning', forged(whole, records, codecOf(0x4000))],
    ['a time beyond 2^53', forged(whole, records, (batch) => batch.writeBigInt64BE(2n ** 62n, 27))],
    ['a time before all', forged(whole, records, (batch) => batch.writeBigInt64BE(-5n, 27))],
  ]
  const taken: string[] = []
  for (const [name, batch] of raw) if ((await produceRaw(client, names.input, 1, batch)) !== null) taken.push(name)

  // Many tiny records in one batch, and good ones behind everything.
  const tiny = 50_000
  const producer = client.kafka.producer()
  await producer.connect()
  await producer.send({
    topic: names.input,
    messages: producible(Array.from({ length: tiny }, (_, i) => ({ value: '{}', partition: 0, timestamp: now + i }))),
  })
  await producer.disconnect()
  const last = points(60, 6).map((row, i) => ({
    value: JSON.stringify(row),
    partition: i % partitions,
    timestamp: now,
  }))
  await produceAll(client, names.input, last)

  const line = startTaster([file], inject('brokers'))
  await untilRead(client, group, names.input, line)
  await stopped(line)
  const all = await seen(client, names)
  const written = [...all.clean, ...all.quarantine, ...all.deadLetter]
  const fates = new Map(written.map((message) => [header(message, 'n'), fateOf(message)]))
  const ends = poisons.map(({ name }) => [name, fates.get(name)])
  expect(ends).toEqual(poisons.map(({ name, ends: end }) => [name, end]))
  // A message whose header only claims so has a name.
  const unreadable = all.deadLetter.filter(
    (message) => header(message, 'taster-unreadable') !== undefined && header(message, 'n') === undefined,
  )
  const readable = ['an attribute without meaning', 'a time before all']
  expect(unreadable).toHaveLength(taken.filter((name) => !readable.includes(name)).length)
  const counts = {
    ...expectExactlyOnce(all),
    poisons: poisons.length,
    rawTaken: taken,
    unreadableBatches: unreadable.length,
    events: Object.fromEntries(expectDescribed(all)),
  }
  expect(Object.hasOwn(Object.prototype, 'label')).toBe(false)
  console.log(JSON.stringify(counts))
})
