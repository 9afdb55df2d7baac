import { setTimeout as sleep } from 'node:timers/promises'
import { TasterError } from '../core/errors.ts'
import type { Delivery, Source } from '../core/line.ts'
import { backOffMs } from './back-off.ts'
import { openBatches, type BatchRules } from './batches.ts'
import type { Client } from './client.ts'
import type { Range } from './range.ts'
import { openReader, type Reader } from './reader.ts'

export interface FollowOptions {
  readonly rules: BatchRules
  readonly signal: AbortSignal
  /** A fetch came back; so many messages behind it can be read already. */
  readonly fetched: (behind: bigint) => void
  /** Reading is tried again after a pause, or, where that is 0, goes on at the first message that is kept. */
  readonly trouble: (error: TasterError, afterMs: number) => void
}

const firstPauseMs = 500
const mostMissing = 5 // times in a row

/**
 * The committed messages of one partition as they come, from an offset on, until `signal` aborts: without a group, so that
 * nobody notices, and without a trace: a commit acknowledges to nobody. Batches are cut as a line cuts them. Brokers that
 * go away are waited for, and what was deleted before it was read is left out. Throws TOPIC_MISSING, ACCESS_DENIED.
 */
export function openFollower(
  client: Client,
  { topic, partition, from }: Omit<Range, 'to'>,
  options: FollowOptions,
): Source {
  const { rules, signal, fetched, trouble } = options
  let reader: Reader | null = null
  const commit = () => Promise.resolve()
  const interrupt = () => void reader?.close().catch(() => {}) // a fetch that waits is not waited for
  signal.addEventListener('abort', interrupt)

  async function* deliveries(): AsyncGenerator<Delivery> {
    const batches = openBatches(rules)
    let offset = from
    let failures = 0
    let isGone = false // what was to be read next was deleted
    while (!signal.aborted)
      try {
        reader ??= await openReader(client, topic, partition)
        if (isGone) offset = (await reader.bounds()).start
        isGone = false
        const { messages, next, end } = await reader.fetch(offset)
        offset = next
        failures = 0
        batches.add(messages)
        fetched(end > next ? end - next : 0n)
        for (let each = batches.take(next >= end); each !== null && !signal.aborted; each = batches.take(next >= end))
          yield { messages: each, commit }
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof TasterError)) throw error
        const { code } = error
        if (code === 'OFFSET_OUT_OF_RANGE' && !isGone) {
          isGone = true
          trouble(error, 0)
          continue
        }
        failures++
        // Brokers that have just started may not know of a topic yet.
        const mayPass = code === 'BROKER_UNAVAILABLE' || code === 'OFFSET_OUT_OF_RANGE'
        if (!mayPass && (code !== 'TOPIC_MISSING' || failures > mostMissing)) throw error
        const afterMs = backOffMs(firstPauseMs, failures - 1)
        trouble(error, afterMs)
        await sleep(afterMs, undefined, { signal }).catch(() => {})
      }
  }
  return {
    [Symbol.asyncIterator]: deliveries,
    async close() {
      signal.removeEventListener('abort', interrupt)
      await reader?.close()
    },
  }
}
