import type { Producer } from 'kafkajs'
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

const mostLanes = 4
const framing = 512 // bytes that a record batch adds to one message at most
const retry = { initialRetryTime: 50, maxRetryTime: 2000, retries: 60 }

/** Throws TOPIC_MISSING, ACCESS_DENIED, BROKER_UNAVAILABLE. */
export async function openPublisher(client: Client, topic: string, compression: Compression): Promise<Publisher> {
  const { partitions, settings } = await findTopic(client, topic)
  const largest = Number(settings?.get('max.message.bytes')?.value ?? batchBytes)
  // A request covers one partition: kafkajs takes a request for several as done once each broker has answered, though
  // a partition may have moved from one to another in between. Producers beside each other make up for that.
  const lanes = Array.from({ length: Math.min(partitions, mostLanes) }, () =>
    client.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry }),
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
  const write = async (lane: Producer, messages: readonly OutMessage[]) => {
    try {
      await lane.send({ topic, acks: -1, compression: compressionOf(compression), messages: producible(messages) })
    } catch (error) {
      throw kafkaFailure(error, doing)
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
