import { openClient, producible } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import { openReader, type Fetched } from '../../src/kafka/reader.ts'
import { optionsOf, requestBytes, toldReady, transactionRecords, untilTold } from './floor.ts'
import { partitions } from './topics.ts'

// The bare pass-through with the client that the line runs on: kafkajs with Taster's reader and record encoding. As in
// the line, the next fetch is under way while a transaction is.

const { brokers, group, input, output } = optionsOf(process.argv)
const client = openClient(connectionFrom({ KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: 'floor' }))
let stopped = false

async function pass(partition: number): Promise<void> {
  const reader = await openReader(client, input, partition, { maxBytes: requestBytes })
  const producer = client.kafka.producer({
    transactionalId: `${group}.${partition}`,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 10, maxRetryTime: 1000, retries: 10 },
  })
  await producer.connect()
  let ahead: Promise<Fetched> = reader.fetch(0n)
  while (!stopped) {
    const { messages, next } = await ahead
    ahead = reader.fetch(next)
    ahead.catch(() => {})
    for (let at = 0; at < messages.length; at += transactionRecords) {
      const some = messages.slice(at, at + transactionRecords)
      const offset = String((some.at(-1)?.at.offset ?? 0n) + 1n)
      const transaction = await producer.transaction()
      const out = some.map(({ key, value, headers, timestamp }) => ({ key, value, headers, timestamp, partition }))
      await transaction.send({ topic: output, acks: -1, messages: producible(out) })
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic: input, partitions: [{ partition, offset }] }],
      })
      await transaction.commit()
    }
  }
  await ahead
  await producer.disconnect()
  await reader.close()
}

const passing = Promise.all(Array.from({ length: partitions }, (_, partition) => pass(partition)))
toldReady()
await untilTold()
stopped = true
await passing
