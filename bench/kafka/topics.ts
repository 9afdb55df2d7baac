import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { producible, type Client } from '../../src/kafka/client.ts'
import { next } from './records.ts'

export const partitions = 4

export interface Names {
  readonly clean: string
  readonly quarantine: string
  readonly deadLetter: string
  readonly events: string
  readonly state: string
}

/** Something of a name that no other run has. */
export const fresh = (about: string): string => `bench-${about}-${randomUUID().slice(0, 13)}`

async function withAdmin<T>(client: Client, work: (admin: ReturnType<Client['kafka']['admin']>) => Promise<T>) {
  const admin = client.kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

const config = (settings: { readonly [name: string]: string }) =>
  Object.entries({ 'retention.ms': '-1', ...settings }).map(([name, value]) => ({ name, value }))

/** Creates a topic of as many partitions as all topics of the bench have. */
export async function createTopic(client: Client, about: string, settings = {}): Promise<string> {
  const topic = fresh(about)
  const topics = [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries: config(settings) }]
  await withAdmin(client, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false })
    // A broker may not know of a topic yet that its controller has created.
    const known = () => admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null)
    while ((await known())?.topics[0]?.partitions.length !== partitions) await sleep(100)
  })
  return topic
}

/** Topics for what one pipeline writes. */
export async function createOutputs(client: Client): Promise<Names> {
  return {
    clean: await createTopic(client, 'clean'),
    quarantine: await createTopic(client, 'quarantine'),
    deadLetter: await createTopic(client, 'dead-letter'),
    events: await createTopic(client, 'events'),
    state: await createTopic(client, 'state', { 'cleanup.policy': 'compact' }),
  }
}

export async function deleteTopics(client: Client, topics: readonly string[]): Promise<void> {
  await withAdmin(client, (admin) => admin.deleteTopics({ topics: [...topics], timeout: 60_000 })).catch(() => {})
}

/** Records a partition in one append: small record batches, as producers on a network write them. */
export const appended = 50

/**
 * Puts so many records on a topic, record i on partition i modulo 4, keyed by its number. Resolves with their bytes.
 */
export async function fill(
  client: Client,
  topic: string,
  records: AsyncIterator<string>,
  count: number,
): Promise<{ readonly valueBytes: number }> {
  const producer = client.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  let valueBytes = 0
  let sending: Promise<unknown> = Promise.resolve()
  try {
    for (let sent = 0; sent < count;) {
      const lines = await next(records, Math.min(appended * partitions, count - sent))
      const timestamp = String(Date.now())
      const messages = lines.map((line, i) => {
        valueBytes += line.length
        return { key: String(sent + i), value: line, headers: [], partition: (sent + i) % partitions, timestamp }
      })
      sent += lines.length
      await sending
      sending = producer.send({ topic, messages: producible(messages) })
      sending.catch(() => {})
    }
    await sending
  } finally {
    await producer.disconnect()
  }
  return { valueBytes }
}

export interface Progress {
  /** Records that the group has committed, by partition. */
  committed(): Promise<readonly number[]>
  close(): Promise<void>
}

/** Watches the committed offsets of a group: of a stream that begins at offset 0 these are numbers of records. */
export async function openProgress(client: Client, group: string, topic: string): Promise<Progress> {
  const admin = client.kafka.admin()
  await admin.connect()
  return {
    async committed() {
      const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      return (offsets?.partitions ?? [])
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ offset }) => Math.max(0, Number(offset)))
    },
    close: () => admin.disconnect(),
  }
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
