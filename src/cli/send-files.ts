import { setTimeout as sleep } from 'node:timers/promises'
import type { FilesSource } from '../files/source.ts'
import type { OutMessage } from '../kafka/outbound.ts'
import { openPartitioner, type Publisher } from '../kafka/produce.ts'
import { mustHaveColumn, openFileMessages, type FileMessage, type Unreadable } from './file-messages.ts'
import type { SendProgress } from './produce-progress.ts'
import type { Rate } from './rate.ts'

export interface SendOptions {
  readonly keyColumn: string | null
  readonly roundRobin: boolean // although there are keys
  readonly compressed: boolean
  readonly rate: Rate | null
  readonly signal: AbortSignal
  readonly progress: SendProgress
  readonly unreadable: (stretch: Unreadable) => void
}

/** What the brokers have acknowledged so far. `unanswered`: sent, and after an error perhaps on the topic. */
export interface Sent {
  records: number
  messages: number
  bytes: number // of keys and values
  unanswered: number // records
}

// Below what brokers take as one batch by default; a larger message goes alone.
const chunkBytes = 900_000
const chunkMessages = 1000
const messageOverhead = 64 // bytes, about

/**
 * Sends what a source reads, in its order, counting in `sent` as it goes. Reading and sending overlap by one chunk, and a
 * chunk is acknowledged before the next one leaves. Once `signal` aborts, what is on its way is waited for.
 */
export async function sendFiles(
  source: FilesSource,
  publisher: Publisher,
  { keyColumn, roundRobin, compressed, rate, signal, progress, unreadable }: SendOptions,
  sent: Sent,
): Promise<void> {
  const partitionFor = openPartitioner(publisher.partitions)
  const { messageBytes } = publisher
  const messagesOf = openFileMessages({ keyColumn, messageBytes, compressed, unreadable })
  const most = Math.min(chunkBytes, publisher.messageBytes)
  const rowsOf = new Map<OutMessage, number>()
  let chunk: OutMessage[] = []
  let bytes = 0
  let sending: Promise<void> = Promise.resolve()

  const acknowledged = (messages: readonly OutMessage[]) => {
    for (const message of messages) {
      const rows = rowsOf.get(message) ?? 0
      rowsOf.delete(message)
      sent.records += rows
      sent.unanswered -= rows
      sent.messages++
      sent.bytes += (message.key?.length ?? 0) + (message.value?.length ?? 0)
    }
    progress.sent(sent.records)
  }
  const flush = async () => {
    await sending
    if (chunk.length === 0 || signal.aborted) return
    const leaving = chunk
    chunk = []
    bytes = 0
    for (const message of leaving) sent.unanswered += rowsOf.get(message) ?? 0
    sending = publisher.send(leaving, acknowledged)
    sending.catch(() => {}) // it is awaited, later
  }
  const add = async (message: FileMessage) => {
    const { key, value, headers, rows } = message
    const size = headers.reduce((sum, [name, of]) => sum + name.length + (of?.length ?? 0), messageOverhead)
    const whole = size + (key?.length ?? 0) + (value?.length ?? 0)
    if (chunk.length > 0 && (bytes + whole > most || chunk.length >= chunkMessages)) await flush()
    for (let ms = rate?.wait() ?? 0; ms > 0 && !signal.aborted; ms = rate?.wait() ?? 0) {
      await flush()
      await sleep(ms, undefined, { signal }).catch(() => {})
    }
    rate?.spend(rows)
    const partition = partitionFor(roundRobin ? null : key)
    const out = { key, value, headers, timestamp: String(Date.now()), partition }
    rowsOf.set(out, rows)
    chunk.push(out)
    bytes += whole
  }

  if (keyColumn !== null) mustHaveColumn(keyColumn, await source.peek())
  try {
    for await (const { messages } of source)
      for (const message of messages)
        for (const one of messagesOf(message)) {
          if (signal.aborted) return
          await add(one)
        }
    await flush()
  } finally {
    await sending
  }
}
