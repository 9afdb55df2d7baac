import { openClient } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import { openReader } from '../../src/kafka/reader.ts'
import { untilTold } from './floor.ts'
import { partitions } from './topics.ts'

// A read_committed consumer of what comes out of a pipeline. The timestamp of a message is when its producer appended
// it, on the same machine: how long after that it arrives here is what a user of the clean topic waits.

const [, , brokers = '', since = '0', ...topics] = process.argv
const client = openClient(connectionFrom({ KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: 'arrivals' }))
const delays: number[] = [] // ms, of what was appended after `since`
let arrived = 0
let stopped = false

async function read(topic: string, partition: number): Promise<void> {
  const reader = await openReader(client, topic, partition, { maxWaitMs: 500 })
  for (let next = 0n; !stopped;) {
    const fetched = await reader.fetch(next)
    next = fetched.next
    const now = Date.now()
    arrived += fetched.messages.length
    for (const { timestamp } of fetched.messages) if (timestamp >= Number(since)) delays.push(now - timestamp)
  }
  await reader.close()
}

const reading = Promise.all(
  topics.flatMap((topic) => Array.from({ length: partitions }, (_, partition) => read(topic, partition))),
)
const telling = setInterval(() => process.stdout.write(`${JSON.stringify({ event: 'arrived', arrived })}\n`), 200)
process.stdout.write('{"event":"ready"}\n')
await untilTold()
stopped = true
clearInterval(telling)
await reading
const sorted = Float64Array.from(delays).sort()
const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null
const of = { p50: quantile(0.5), p99: quantile(0.99), most: quantile(1), messages: sorted.length }
process.stdout.write(`${JSON.stringify({ event: 'delays', ...of })}\n`)
