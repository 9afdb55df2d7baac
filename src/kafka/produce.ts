import { setTimeout as sleep } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import type { Code, TasterError } from '../core/errors.ts'
import { producible, type Client } from './client.ts'
import { compressionOf, type Compression } from './codecs.ts'
import { kafkaFailure } from './failure.ts'
import { kafkajs } from './load.ts'
import type { OutMessage } from './outbound.ts'
import { findTopic } from './topics.ts'
import { batchBytes } from './topic-rules.ts'

/** Writes messages to one topic, each once: what is tried again after a failure is recognised by the broker. */
export interface Publisher {
  readonly partitions: number
  readonly messageBytes: number // about the largest message that the topic takes
  /**
   * Resolves when the brokers have all of it. `acknowledged` is told of messages as they are: after an error the others
   * may be on the topic or not. One call at a time. Throws BROKER_UNAVAILABLE after about two minutes without an answer,
   * TOPIC_MISSING, ACCESS_DENIED, MESSAGE_TOO_LARGE, OUTPUT_FAILED.
   */
  send(messages: readonly OutMessage[], acknowledged: (messages: readonly OutMessage[]) => void): Promise<void>
  close(): Promise<void>
}

export interface PublisherOptions {
  readonly compression: Compression
  readonly trouble: (failure: TasterError) => void // is told of what is tried again
}

const mostLanes = 4
const framing = 512 // bytes that a record batch adds to one message at most

/** How long to go on trying, in ms. Brokers that have just started may not know of a topic yet. */
const patience: { readonly [code in Code]?: number } = { BROKER_UNAVAILABLE: 120_000, TOPIC_MISSING: 15_000 }
const pauseMs = 500

/** Throws TOPIC_MISSING, ACCESS_DENIED, BROKER_UNAVAILABLE. */
export async function openPublisher(
  client: Client,
  topic: string,
  { compression, trouble }: PublisherOptions,
): Promise<Publisher> {
  const { partitions, settings } = await findTopic(client, topic)
  const largest = Number(settings?.get('max.message.bytes')?.value ?? batchBytes)
  // A request covers one partition: kafkajs takes a request for several as done once each broker has answered, though
  // a partition may have moved from one to another in between. Producers beside each other make up for that.
  const lanes = Array.from({ length: Math.min(partitions, mostLanes) }, () =>
    client.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false }),
  )
  const doing = `Writing to topic ${topic}`
  const close = async () => {
    await Promise.all(lanes.map((lane) => lane.disconnect().catch(() => {})))
  }
  try {
    await Promise.all(lanes.map((lane) => lane.connect()))
  } catch (error) {
    await close()
    throw kafkaFailure(error, doing)
  }
  // kafkajs gives up soon after a connection is lost. The same messages sent again by the same producer have the same
  // sequence numbers, by which the broker knows what it has already.
  const write = async (lane: Producer, messages: readonly OutMessage[]) => {
    const request = { topic, acks: -1, compression: compressionOf(compression), messages: producible(messages) }
    const started = performance.now()
    for (;;)
      try {
        await lane.send(request)
        return
      } catch (error) {
        const failure = kafkaFailure(error, doing)
        if (performance.now() - started > (patience[failure.code] ?? 0)) throw failure
        trouble(failure)
        await sleep(pauseMs)
      }
  }
  return {
    partitions,
    messageBytes: largest - framing,
    async send(messages, acknowledged) {
      const byPartition = new Map<number, OutMessage[]>()
      for (const message of messages) {
        const own = byPartition.get(message.partition)
        if (own === undefined) byPartition.set(message.partition, [message])
        else own.push(message)
      }
      const results = await Promise.allSettled(
        lanes.map(async (lane, index) => {
          for (const [partition, own] of byPartition) {
            if (partition % lanes.length !== index) continue
            await write(lane, own)
            acknowledged(own)
          }
        }),
      )
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    close,
  }
}

/** Shares messages out among partitions: one with a key always goes where other clients send that key, too. */
export function openPartitioner(partitions: number): (key: Uint8Array | null) => number {
  const byKey = kafkajs.Partitioners.DefaultPartitioner()
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
  }))
  let next = 0
  return (key) => {
    if (key === null) return next++ % partitions
    const message = { key: Buffer.from(key), value: null }
    return byKey({ topic: '', partitionMetadata, message })
  }
}
