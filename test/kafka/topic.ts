import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import type { Header, Message } from '../../src/core/message.ts'
import { openClient, producible, type Client } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import { openReader } from '../../src/kafka/reader.ts'

/** A client of the shared broker, or of another one. */
export function clientOf(brokers: string = inject('brokers')): Client {
  return openClient(connectionFrom({ KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: 'test' }))
}

/** A name that no test of this or another run has. */
export function freshName(about: string): string {
  return `${about}-${randomUUID().slice(0, 13)}`
}

export interface Wanted {
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
}

/** Creates a topic of a fresh name for each entry, and gives the names. */
export async function createTopics<K extends string>(
  client: Client,
  wanted: Record<K, Wanted>,
): Promise<Record<K, string>> {
  const names = new Map(Object.keys(wanted).map((use) => [use, freshName(use)]))
  const topics = Object.entries<Wanted>(wanted).map(([use, { partitions = 1, config = {} }]) => ({
    topic: names.get(use) ?? use,
    numPartitions: partitions,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  }))
  const admin = client.kafka.admin()
  await admin.connect()
  try {
    await admin.createTopics({ topics, waitForLeaders: false })
    // A broker may not know yet of a topic that its controller has created.
    for (const { topic } of topics) {
      const isKnown = () =>
        admin.fetchTopicMetadata({ topics: [topic] }).then(
          () => true,
          () => false,
        )
      while (!(await isKnown())) await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await admin.disconnect()
  }
  return Object.fromEntries(names) as Record<K, string>
}

/** Creates one topic of a fresh name. */
export async function createTopic(client: Client, wanted: Wanted = {}): Promise<string> {
  return (await createTopics(client, { topic: wanted })).topic
}

export interface Sent {
  readonly key?: Uint8Array | string | null
  readonly value: Uint8Array | string | null
  readonly headers?: readonly Header[]
  readonly partition?: number // 0 unless given
  readonly timestamp?: number // epoch ms
}

/** Produces messages in their order, idempotently, in requests of at most about a megabyte. */
export async function produceAll(client: Client, topic: string, sent: Iterable<Sent>): Promise<void> {
  const producer = client.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  try {
    let waiting: Parameters<typeof producible>[0][number][] = []
    let bytes = 0
    const flush = async () => {
      if (waiting.length > 0) await producer.send({ topic, messages: producible(waiting) })
      waiting = []
      bytes = 0
    }
    for (const { key = null, value, headers = [], partition = 0, timestamp = Date.now() } of sent) {
      const size = value?.length ?? 0
      if (waiting.length === 1000 || bytes + size > 900_000) await flush()
      waiting.push({ key: raw(key), value: raw(value), headers, partition, timestamp: String(timestamp) })
      bytes += size
    }
    await flush()
  } finally {
    await producer.disconnect()
  }
}

const raw = (bytes: Uint8Array | string | null) => (typeof bytes === 'string' ? Buffer.from(bytes) : bytes)

async function partitionsOf(client: Client, topic: string): Promise<number[]> {
  const admin = client.kafka.admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return (topics[0]?.partitions ?? []).map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  } finally {
    await admin.disconnect()
  }
}

const patienceMs = 5000

/**
 * Everything on a topic up to its end at the time of the call: partition after partition, in order. A commit is
 * acknowledged a moment before the brokers have marked its records, so transactions that seem open are waited for; one
 * that stays open for five seconds hides what comes after.
 */
export async function readAll(
  client: Client,
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<Message[]> {
  const all: Message[] = []
  for (const partition of await partitionsOf(client, topic)) {
    const reader = await openReader(client, topic, partition, { maxBytes: 8 * 2 ** 20, isolation })
    try {
      const { start, written: end } = await reader.bounds()
      let moved = performance.now()
      for (let next = start; next < end && performance.now() - moved < patienceMs;) {
        const fetched = await reader.fetch(next)
        for (const message of fetched.messages) if (message.at.offset < end) all.push(message)
        if (fetched.next > next) moved = performance.now()
        next = fetched.next
      }
    } finally {
      await reader.close()
    }
  }
  return all
}
