import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { saveBaseline } from '../../src/baseline/store.ts'
import { column } from '../../src/core/column.ts'
import { header, type Header, type Message } from '../../src/core/message.ts'
import type { Client } from '../../src/kafka/client.ts'
import { normal, random } from '../../src/stats/random.ts'
import { createTopics, freshName, readAll, type Sent } from './topic.ts'

const dims = 8
const sources = 10

/** Points of two clusters, one a label. From `flippedFrom` on, source s3 gives half of its labels at random. */
export function points(count: number, seed: number, flippedFrom = Infinity) {
  const uniform = random(seed)
  return Array.from({ length: count }, (_, i) => {
    const source = `s${Math.floor(uniform() * sources)}`
    const content = uniform() < 0.5 ? 'a' : 'b'
    const vector = Array.from({ length: dims }, () =>
      Number(((content === 'a' ? 1.5 : -1.5) + normal(uniform)).toFixed(4)),
    )
    const flipped = i >= flippedFrom && source === 's3' && uniform() < 0.5
    return { id: `${seed}-${i}`, source, label: flipped ? (content === 'a' ? 'b' : 'a') : content, vector }
  })
}

const stored = new Map<number, Promise<string>>()

/** The folder of a baseline for such points, fitted once a test file for each seed. */
export function storedBaseline(seed = 1): Promise<string> {
  const folder = stored.get(seed) ?? fitAndStore(seed)
  stored.set(seed, folder)
  return folder
}

async function fitAndStore(seed: number): Promise<string> {
  const rows = points(1200, 1)
  const records = {
    id: rows.map(({ id }) => id),
    source: column(rows.map(({ source }) => source)),
    label: column(rows.map(({ label }) => label)),
    at: new Float64Array(rows.length).fill(NaN),
    content: {
      kind: 'vector' as const,
      vectors: { rows: rows.length, cols: dims, data: Float32Array.from(rows.flatMap(({ vector }) => vector)) },
    },
  }
  const baseline = await fitBaseline({
    records,
    encoder: { name: 'vector', params: {} },
    seed,
    engineVersion: '0.0.0-test',
  })
  const folder = join(mkdtempSync(join(tmpdir(), 'taster-kafka-')), 'baseline')
  await saveBaseline(baseline, folder)
  return folder
}

/** Messages with keys, headers and timestamps of all kinds, over the partitions in turn. */
export function messagesOf(rows: readonly { readonly id: string }[], partitions: number): Sent[] {
  return rows.map((row, i) => {
    const headers: Header[] = [
      ['content-type', Buffer.from('application/json')],
      ['constructor', Buffer.from(`b${i}`)],
      ['trace', null],
      ['a', Buffer.from([0, 255, i & 255])],
      ['__proto__', Buffer.from('p')],
      ['a', Buffer.from('again')],
    ]
    return {
      key: i % 3 === 0 ? null : row.id,
      value: JSON.stringify(row),
      headers: i % 2 === 0 ? headers : headers.slice(0, 1),
      partition: i % partitions,
      timestamp: 1_700_000_000_000 + i,
    }
  })
}

export interface Names {
  readonly input: string
  readonly clean: string
  readonly quarantine: string
  readonly deadLetter: string
  readonly state: string
  readonly events: string
}

/** Topics for one pipeline, of fresh names; those in `given` are taken as they are. */
export async function createPipelineTopics(
  client: Client,
  partitions: number,
  given: Partial<Names> = {},
): Promise<Names> {
  const large = { partitions, config: { 'max.message.bytes': '12000000', 'retention.ms': '-1' } } // timestamps are years old
  const compacted = { partitions, config: { 'cleanup.policy': 'compact' } }
  const made = await createTopics(client, {
    input: large,
    clean: large,
    quarantine: large,
    deadLetter: large,
    state: compacted,
    events: {},
  })
  return { ...made, ...given }
}

/** Writes a pipeline file for these topics and gives its path. */
export async function pipelineFile(names: Names, more: { readonly [key: string]: unknown } = {}): Promise<string> {
  const { input, ...output } = names
  const { input: inputMore = {}, output: outputMore = {}, ...rest } = more
  const document = {
    name: 'points',
    input: {
      topic: input,
      group: freshName('group'),
      fields: { id: 'id', source: 'source', label: 'label', vector: 'vector' },
      batch: { records: 50, lingerMs: 100 },
      ...(inputMore as object),
    },
    encoder: { vector: {} },
    baseline: { path: await storedBaseline() },
    output: { ...output, ...(outputMore as object) },
    ...rest,
  }
  const path = join(mkdtempSync(join(tmpdir(), 'taster-kafka-')), 'pipeline.yaml')
  writeFileSync(path, JSON.stringify(document))
  return path
}

/** What a read_committed reader finds behind a pipeline. */
export interface Seen {
  readonly input: readonly Message[]
  readonly clean: readonly Message[]
  readonly quarantine: readonly Message[]
  readonly deadLetter: readonly Message[]
  readonly events: readonly Message[]
}

export async function seen(client: Client, names: Names): Promise<Seen> {
  return {
    input: await readAll(client, names.input),
    clean: await readAll(client, names.clean),
    quarantine: await readAll(client, names.quarantine),
    deadLetter: await readAll(client, names.deadLetter),
    events: await readAll(client, names.events),
  }
}

const bytes = (value: Uint8Array | null) => (value === null ? 'null' : Buffer.from(value).toString('base64'))
const identity = ({ at, key, value, headers, timestamp }: Message, ownHeaders = headers.length) =>
  JSON.stringify([
    at.partition,
    bytes(key),
    bytes(value),
    timestamp,
    headers.slice(0, ownHeaders).map(([name, of]) => [name, bytes(of)]),
  ])
/** The message as it came: Taster's headers stand behind its own, the verdict first. Who forges one writes it before. */
const original = (message: Message) =>
  identity(
    message,
    Math.max(
      0,
      message.headers.findLastIndex(([name]) => name === 'taster-verdict'),
    ),
  )

/** Counts of a run in which every input message came out exactly once, byte for byte and in the order of its partition. */
export function expectExactlyOnce({ input, clean, quarantine, deadLetter }: Seen): { readonly [of: string]: number } {
  const out = [...clean, ...quarantine, ...deadLetter]
  const counts = new Map<string, number>()
  for (const message of input) counts.set(identity(message), (counts.get(identity(message)) ?? 0) + 1)
  for (const message of out) counts.set(original(message), (counts.get(original(message)) ?? 0) - 1)
  const missing = [...counts.values()].filter((count) => count > 0).length
  const repeated = [...counts.values()].filter((count) => count < 0).length
  expect({ missing, repeated, out: out.length }).toEqual({ missing: 0, repeated: 0, out: input.length })
  const place = new Map(input.map((message) => [identity(message), message.at.offset]))
  for (const topic of [clean, quarantine, deadLetter]) {
    const last = new Map<number, bigint>()
    for (const message of topic) {
      const at = place.get(original(message)) ?? -1n
      expect(at > (last.get(message.at.partition) ?? -1n)).toBe(true)
      last.set(message.at.partition, at)
    }
  }
  return { input: input.length, clean: clean.length, quarantine: quarantine.length, deadLetter: deadLetter.length }
}

/** Where each message went and by which verdict, so that two runs over the same input can be compared. */
export function verdictsOf({ clean, quarantine, deadLetter }: Seen): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string>()
  for (const message of [...clean, ...quarantine, ...deadLetter]) {
    const findings = message.headers.filter(([name]) => name === 'taster-finding').map(([, value]) => bytes(value))
    verdicts.set(
      original(message),
      [header(message, 'taster-verdict'), header(message, 'taster-verdict-id'), ...findings].join(' '),
    )
  }
  return verdicts
}

/** Events by id: type and data. Those about processes that start and stop are left out. */
export function eventsOf({ events }: Seen): ReadonlyMap<string, string> {
  const told = new Map<string, string>()
  for (const event of events) {
    const type = header(event, 'ce_type') ?? ''
    if (type.includes('pipeline.')) continue
    const id = header(event, 'ce_id') ?? ''
    expect(told.has(id), `event ${id} came twice`).toBe(false)
    told.set(id, `${type} ${Buffer.from(event.value ?? []).toString()}`)
  }
  return told
}

/** Resolves once the condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 200))
}
