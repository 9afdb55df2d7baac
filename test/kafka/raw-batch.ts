import { createRequire } from 'node:module'
import type { Client } from '../../src/kafka/client.ts'
import { crc32c } from '../../src/kafka/wire/crc32c.ts'
import { encodeBatch, type OutRecord } from '../../src/kafka/wire/encode.ts'
import type { EncoderClass } from '../../src/kafka/wire/produce-request.ts'

const require = createRequire(import.meta.url)
const headerBytes = 61

/** A record batch as a producer encodes it, not compressed, and no part of a transaction. */
export function batchOf(records: readonly OutRecord[]): Promise<Buffer> {
  return encodeBatch({
    records,
    codec: 0,
    transactional: false,
    producerId: -1n,
    producerEpoch: -1,
    firstSequence: -1,
  })
}

export const recordsOf = (batch: Buffer): Buffer => batch.subarray(headerBytes)

/** The batch with other bytes for its records, a field of its header changed, and a length and checksum that are right. */
export function forged(batch: Buffer, records: Uint8Array, change: (batch: Buffer) => void): Buffer {
  const made = Buffer.concat([batch.subarray(0, headerBytes), records])
  change(made)
  made.writeInt32BE(made.length - 12, 8)
  made.writeUInt32BE(crc32c(made.subarray(21)), 17)
  return made
}

export const codecOf = (codec: number) => (batch: Buffer) => void batch.writeInt16BE(codec, 21)

/** Sends a batch of any bytes; gives the offset that the broker gave it, null where the broker refuses it. */
export async function produceRaw(client: Client, topic: string, partition: number, batch: Buffer) {
  const Encoder = require('kafkajs/src/protocol/encoder') as EncoderClass
  const response: unknown = require('kafkajs/src/protocol/requests/produce/v7/response')
  const cluster = client.openCluster()
  try {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    const { connectionPool } = (await cluster.findBroker({ nodeId })) as unknown as {
      connectionPool: { send(protocol: object): Promise<{ topics: { partitions: { baseOffset: string }[] }[] }> }
    }
    const encode = async () =>
      new Encoder(batch.length + 100)
        .writeString(null)
        .writeInt16(-1)
        .writeInt32(10_000)
        .writeInt32(1)
        .writeString(topic)
        .writeInt32(1)
        .writeInt32(partition)
        .writeBytes(batch)
    const request = { apiKey: 0, apiVersion: 7, apiName: 'Produce', expectResponse: () => true, encode }
    const { topics } = await connectionPool.send({ request, response })
    return BigInt(topics[0]?.partitions[0]?.baseOffset ?? -1)
  } catch (error) {
    if ((error as { name?: unknown }).name === 'KafkaJSProtocolError') return null
    throw error
  } finally {
    await cluster.disconnect()
  }
}

/** The codecs of the record batches that a partition begins with. */
export async function codecsOn(client: Client, topic: string, partition: number): Promise<ReadonlySet<number>> {
  const cluster = client.openCluster()
  try {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    const maxBytes = 8 * 2 ** 20
    const { responses } = await (
      await cluster.findBroker({ nodeId })
    ).fetch({
      isolationLevel: 1,
      maxWaitTime: 100,
      minBytes: 1,
      maxBytes,
      topics: [{ topic, partitions: [{ partition, fetchOffset: '0', maxBytes }] }],
    })
    const { bytes } = responses[0]?.partitions[0]?.messages ?? { bytes: Buffer.alloc(0) }
    const found = new Set<number>()
    for (let at = 0; at + headerBytes <= bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
      const attributes = bytes.readInt16BE(at + 21)
      const isControl = (attributes & 0x20) !== 0
      if (!isControl) found.add(attributes & 7)
    }
    return found
  } finally {
    await cluster.disconnect()
  }
}
