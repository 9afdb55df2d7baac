import type { CompressionTypes, Producer, RecordMetadata, TopicMessages, Transaction } from 'kafkajs'
import { TasterError } from '../core/errors.ts'
import type { Client } from './client.ts'
import { compressionOf, type Compression } from './codecs.ts'
import { kafkaFailure } from './failure.ts'
import type { OutMessage, Outbound } from './outbound.ts'
import { bytesOf } from './batches.ts'

export interface Acknowledgement {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly next: bigint
  /** The state topic's offset from which the evidence is read back; null: where the messages of `first` begin. */
  readonly stateFrom: bigint | null
}

/** The transactional producer of one (group, topic, partition): whoever opened it last is the only one that can write. */
export interface Transactor {
  /**
   * Writes messages and commits an offset of the group, all or nothing. `first` goes to one partition, before the rest.
   * After an error the outcome is unknown and the transactor is of no more use: the next one to be opened finds out.
   * Resolves with the offset that the first message of `first` got, null where it is empty.
   */
  write(first: Outbound, rest: readonly Outbound[], acknowledgement: Acknowledgement): Promise<bigint | null>
  close(): Promise<void>
}

// Below the 1 MiB that brokers take as one batch by default, and few enough that grouping them costs little.
export const defaultRequestBytes = 900_000
const requestMessages = 2000

/**
 * Opens the producer and takes it over from whoever held it: their open transaction is ended, one that was being
 * committed is committed, before this resolves. Offsets read after it are the last word.
 */
export async function openTransactor(
  client: Client,
  transactionalId: string,
  compression: Compression,
  requestBytes = defaultRequestBytes,
): Promise<Transactor> {
  const producer = client.kafka.producer({
    transactionalId,
    maxInFlightRequests: 1,
    transactionTimeout: 60_000,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 10, maxRetryTime: 2000, retries: 12 },
  })
  const codec = compressionOf(compression)
  try {
    await producer.connect()
    await (await producer.transaction()).abort() // asks for the producer id, which fences; the abort itself sends nothing
  } catch (error) {
    await disconnect(producer)
    throw kafkaFailure(error, `taking over the producer ${transactionalId}`)
  }
  return {
    async write(first, rest, { group, topic, partition, next, stateFrom }) {
      let doing = 'beginning a transaction'
      try {
        const transaction = await producer.transaction()
        try {
          let firstOffset: bigint | null = null
          for (const topicMessages of requests([first, ...rest], requestBytes)) {
            doing = `writing to ${topicMessages.map((each) => each.topic).join(', ')}`
            const written = await sent(transaction, topicMessages, codec)
            mustBeWhole(topicMessages, written)
            const own = written.find(({ topicName }) => topicName === first.topic)
            if (firstOffset === null && own?.baseOffset !== undefined) firstOffset = BigInt(own.baseOffset)
          }
          doing = `committing offset ${next} of group ${group}`
          const metadata = JSON.stringify({ state: String(stateFrom ?? firstOffset ?? 0n) })
          const withMetadata = { partition, offset: String(next), metadata } // kafkajs sends it along, though its types do not say so
          await transaction.sendOffsets({
            consumerGroupId: group,
            topics: [{ topic, partitions: [withMetadata] }],
          })
          doing = 'committing a transaction'
          await transaction.commit()
          return firstOffset
        } catch (error) {
          if (transaction.isActive()) await transaction.abort().catch(() => {})
          throw error
        }
      } catch (error) {
        throw kafkaFailure(error, doing)
      }
    },
    close: () => disconnect(producer),
  }
}

const plain = compressionOf('none')
const squeezed = compressionOf('gzip') // every client can read it

/**
 * Producers compress: what was small on the input may be more than an output takes. A message that is refused is sent
 * once more, compressed, or a single one could stop its partition for good.
 */
async function sent(transaction: Transaction, topicMessages: TopicMessages[], codec: CompressionTypes) {
  const send = (compression: CompressionTypes) => transaction.sendBatch({ acks: -1, compression, topicMessages })
  try {
    return await send(codec)
  } catch (error) {
    const [only, ...others] = topicMessages
    const isAlone = only?.messages.length === 1 && others.length === 0
    const isTooLarge = kafkaFailure(error, '').code === 'MESSAGE_TOO_LARGE'
    if (codec !== plain || !isAlone || !isTooLarge) throw error
    return send(squeezed)
  }
}

async function disconnect(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => {})
}

/**
 * Where partitions change their leader while brokers answer one after another, kafkajs may leave some out, or send some
 * twice: each must have been written once.
 */
function mustBeWhole(sent: readonly TopicMessages[], written: readonly RecordMetadata[]): void {
  const missing = new Map(
    sent.map(({ topic, messages }) => [topic, new Set(messages.map(({ partition }) => partition))]),
  )
  const once = written.every(({ topicName, partition }) => missing.get(topicName)?.delete(partition))
  if (once && [...missing.values()].every(({ size }) => size === 0)) return
  throw new TasterError(
    'BROKER_UNAVAILABLE',
    'Leaders of partitions changed while messages were sent to them: nothing is committed',
  )
}

/** Cuts messages into requests that brokers accept, in order. A message that is larger than one goes alone. */
export function* requests(outbound: readonly Outbound[], requestBytes: number): Generator<TopicMessages[]> {
  let request = new Map<string, OutMessage[]>()
  let bytes = 0
  let count = 0
  const cut = () => [...request].map(([topic, messages]) => ({ topic, messages }) as unknown as TopicMessages)
  for (const { topic, messages } of outbound)
    for (const message of messages) {
      const size = bytesOf(message) + 64
      if (count > 0 && (bytes + size > requestBytes || count >= requestMessages)) {
        yield cut()
        request = new Map()
        bytes = count = 0
      }
      const own = request.get(topic)
      if (own === undefined) request.set(topic, [message])
      else own.push(message)
      bytes += size
      count++
    }
  if (count > 0) yield cut()
}
