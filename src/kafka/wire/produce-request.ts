import { encodeBatch, type OutRecord } from './encode.ts'

/** The part of kafkajs' encoder that a request is written with. */
export interface Encoder {
  writeInt16(value: number): this
  writeInt32(value: number): this
  writeString(value: string | null): this
  writeBytes(value: Buffer): this
}

export type EncoderClass = new (initialSize: number) => Encoder

interface TopicData {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly firstSequence?: number
    readonly messages: readonly OutRecord[]
  }[]
}

export interface ProduceOptions {
  readonly acks: number
  readonly timeout: number // ms
  readonly transactionalId?: string | null | undefined
  readonly producerId?: { toString(): string } | undefined // a 64-bit number, in whichever form kafkajs holds it
  readonly producerEpoch?: number | undefined
  readonly compression?: number | undefined
  readonly topicData: readonly TopicData[]
}

/**
 * Takes the place of kafkajs' Produce request, version 3, of which its versions 4 to 7 are made
 * (https://kafka.apache.org/protocol#The_Messages_Produce): the messages for each partition become one record batch.
 */
export function produceRequest(EncoderOf: EncoderClass) {
  return (options: ProduceOptions) => ({
    apiKey: 0,
    apiVersion: 3,
    apiName: 'Produce',
    expectResponse: () => options.acks !== 0,
    encode: () => encode(EncoderOf, options),
  })
}

async function encode(EncoderOf: EncoderClass, options: ProduceOptions): Promise<Encoder> {
  const { acks, timeout, transactionalId, producerId, producerEpoch, compression, topicData } = options
  const encoded = await Promise.all(
    topicData.map(async ({ topic, partitions }) => ({
      topic,
      batches: await Promise.all(
        partitions.map(async ({ partition, firstSequence, messages }) => ({
          partition,
          bytes: await encodeBatch({
            records: messages,
            codec: compression ?? 0,
            transactional: Boolean(transactionalId),
            producerId: BigInt((producerId ?? -1).toString()),
            producerEpoch: producerEpoch ?? 0,
            firstSequence: firstSequence ?? 0,
          }),
        })),
      ),
    })),
  )
  const total = encoded.flatMap(({ batches }) => batches).reduce((sum, { bytes }) => sum + bytes.length + 8, 0)
  const encoder = new EncoderOf(total + 512)
  encoder
    .writeString(transactionalId ?? null)
    .writeInt16(acks)
    .writeInt32(timeout)
    .writeInt32(encoded.length)
  for (const { topic, batches } of encoded) {
    encoder.writeString(topic).writeInt32(batches.length)
    for (const { partition, bytes } of batches) encoder.writeInt32(partition).writeBytes(bytes)
  }
  return encoder
}
