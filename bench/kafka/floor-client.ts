import { Kafka, logLevel, type Producer } from 'kafkajs'
import { optionsOf, requestBytes, toldReady, transactionRecords, untilTold } from './floor.ts'

// The bare pass-through with kafkajs as it comes: its own consumer loop, decoder and encoder. So here alone it is imported
// from where it comes from, and src/kafka/load.ts, which replaces parts of it, is not.

const { brokers, group, input, output } = optionsOf(process.argv)
const retry = { initialRetryTime: 10, maxRetryTime: 1000, retries: 10 }
const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'floor', logLevel: logLevel.NOTHING, retry })
const consumer = kafka.consumer({ groupId: group, maxBytesPerPartition: requestBytes, maxWaitTimeInMs: 250 })
const producers = new Map<number, Promise<Producer>>()

async function openProducer(partition: number): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: `${group}.${partition}`,
    maxInFlightRequests: 1,
    idempotent: true,
    allowAutoTopicCreation: false,
    retry, // the first retry that kafkajs itself would make comes after 300 ms, which transactions in a row wait for
  })
  await producer.connect()
  return producer
}

function producerOf(partition: number): Promise<Producer> {
  let producer = producers.get(partition)
  if (producer === undefined) producers.set(partition, (producer = openProducer(partition)))
  return producer
}

await consumer.connect()
await consumer.subscribe({ topic: input, fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: 4,
  async eachBatch(work) {
    const { partition, messages } = work.batch
    const producer = await producerOf(partition)
    for (let at = 0; at < messages.length; at += transactionRecords) {
      const some = messages.slice(at, at + transactionRecords)
      const last = some.at(-1)?.offset ?? '0'
      const offset = String(BigInt(last) + 1n)
      const transaction = await producer.transaction()
      await transaction.send({
        topic: output,
        acks: -1,
        messages: some.map(({ key, value, headers = {}, timestamp }) => ({
          key,
          value,
          headers,
          timestamp,
          partition,
        })),
      })
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic: input, partitions: [{ partition, offset }] }],
      })
      await transaction.commit()
      work.resolveOffset(last)
      await work.heartbeat()
    }
  },
})
toldReady()
await untilTold()
await consumer.disconnect()
for (const producer of producers.values()) await (await producer).disconnect()
