import { setTimeout as sleep } from 'node:timers/promises'
import { openClient, producible } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import { text } from './records.ts'
import { partitions } from './topics.ts'

// A producer of text records at a steady rate. The timestamp of each is when it is handed to the broker.

const [, , brokers = '', topic = '', perSecond = '', count = ''] = process.argv
const client = openClient(connectionFrom({ KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: 'steady' }))
const producer = client.kafka.producer({ allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 })
await producer.connect()
const records = text.records(11)
const lines: string[] = [] // made beforehand: to make them while measuring would take from the cores
for (let i = 0; i < Number(count); i++) lines.push((await records.next()).value as string)
process.stdout.write('{"event":"ready"}\n')

const everyMs = 10
const began = performance.now()
let behind = 0 // ms, at most
for (let sent = 0; sent < lines.length;) {
  const due = Math.min(lines.length, Math.floor(((performance.now() - began) / 1000) * Number(perSecond)))
  if (due > sent) {
    const timestamp = String(Date.now())
    const messages = lines.slice(sent, due).map((value, i) => {
      return { key: String(sent + i), value, headers: [], partition: (sent + i) % partitions, timestamp }
    })
    sent = due
    const started = performance.now()
    await producer.send({ topic, acks: -1, messages: producible(messages) })
    behind = Math.max(behind, performance.now() - started)
  }
  await sleep(everyMs)
}
await producer.disconnect()
const seconds = (performance.now() - began) / 1000
process.stdout.write(`${JSON.stringify({ event: 'sent', perSecond: lines.length / seconds, behind })}\n`)
