import { setTimeout as sleep } from 'node:timers/promises'
import { TasterError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import type { Client } from './client.ts'
import { openReader, type Reader } from './reader.ts'
import { findTopic } from './topics.ts'

export interface TailOptions<T> {
  /** Where to begin: at the first message kept, at the end, or so many messages before the end over all topics. */
  readonly from: 'earliest' | 'latest' | number
  readonly signal: AbortSignal
  /** What to keep of a message: messages before the end wait for those of other partitions. */
  readonly of: (message: Message) => T
  /** Shown one after the other; the next waits for it. */
  readonly show: (item: T) => Promise<void>
  /** Following begins: whatever is written from now on will be shown. */
  readonly ready: (partitions: number) => void
  /** Reading is tried again after a pause, or goes on elsewhere. */
  readonly trouble: (message: string) => void
  readonly lookMs?: number // how often to look for new partitions
}

interface Place {
  readonly topic: string
  readonly partition: number
}

interface Following extends Place {
  reader: Reader | null
  offset: bigint
}

const waitMs = 500
const firstPauseMs = 500
const mostPauseMs = 15_000
const mostMissing = 5 // times in a row

/**
 * Shows the committed messages of all partitions of some topics as they come, without being a member of a group, until
 * `signal` aborts. Brokers that go away are waited for. Throws TOPIC_MISSING, ACCESS_DENIED; BROKER_UNAVAILABLE only
 * before it is ready.
 */
export async function tail<T>(client: Client, topics: readonly string[], options: TailOptions<T>): Promise<void> {
  const { signal, ready, lookMs = 30_000 } = options
  const following: Following[] = []
  const failed = new AbortController()
  const over = AbortSignal.any([signal, failed.signal])
  const open = async (place: Place): Promise<Following & { reader: Reader }> => {
    const reader = await openReader(client, place.topic, place.partition, { maxWaitMs: waitMs })
    const one = { ...place, reader, offset: 0n }
    following.push(one)
    return one
  }
  const counts = new Map<string, number>()
  const closeAll = async () => {
    for (const { reader } of following) await reader?.close().catch(() => {})
  }
  const interrupt = () => void closeAll() // a fetch that waits is not waited for
  over.addEventListener('abort', interrupt)
  try {
    const opened = []
    for (const topic of new Set(topics)) {
      const { partitions } = await findTopic(client, topic)
      counts.set(topic, partitions)
      for (let partition = 0; partition < partitions; partition++) opened.push(await open({ topic, partition }))
    }
    await begin(opened, options)
    ready(opened.length)
    const runs: Promise<void>[] = []
    const run = (one: Following) => {
      const done = follow(client, one, options, over).catch((error: unknown) => {
        failed.abort() // the others end, too
        throw error
      })
      done.catch(() => {}) // it is awaited below
      runs.push(done)
    }
    opened.forEach(run)
    while (!over.aborted) {
      await sleep(lookMs, undefined, { signal: over }).catch(() => {})
      if (over.aborted) break
      for (const place of await newPartitions(client, counts)) {
        const one = { ...place, reader: null, offset: 0n }
        following.push(one)
        run(one)
      }
    }
    for (const result of await Promise.allSettled(runs)) if (result.status === 'rejected') throw result.reason
  } finally {
    over.removeEventListener('abort', interrupt)
    await closeAll()
  }
}

/** Finds out where each partition is to be followed from, and shows what is to be shown of the time before. */
async function begin<T>(
  opened: readonly (Following & { reader: Reader })[],
  { from, of, show, signal }: TailOptions<T>,
): Promise<void> {
  const before: { readonly time: number; readonly item: T }[] = []
  for (const one of opened) {
    const { start, end } = await one.reader.bounds()
    one.offset = from === 'earliest' ? start : end
    if (typeof from !== 'number') continue
    for (const message of await lastOf(one.reader, { start, end }, from))
      before.push({ time: message.timestamp, item: of(message) })
  }
  const shown = before.toSorted((a, b) => a.time - b.time)
  for (const { item } of shown.slice(Math.max(0, shown.length - Number(from)))) if (!signal.aborted) await show(item)
}

/** The last messages before the end. Offsets have gaps, so more is read until there are enough. */
async function lastOf(
  reader: Reader,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  most: number,
): Promise<readonly Message[]> {
  for (let span = BigInt(most); ; span *= 4n) {
    const first = end - span > start ? end - span : start
    let last: Message[] = []
    for (let at = first; at < end;) {
      const { messages, next } = await reader.fetch(at)
      last = [...last, ...messages.filter((message) => message.at.offset < end)].slice(-most)
      at = next
    }
    if (last.length >= most || first === start) return last
  }
}

async function follow<T>(
  client: Client,
  one: Following,
  { of, show, trouble }: TailOptions<T>,
  over: AbortSignal,
): Promise<void> {
  const { topic, partition } = one
  let pauseMs = firstPauseMs
  let isGone = false // what was to be read next was deleted
  let missing = 0
  while (!over.aborted)
    try {
      one.reader ??= await openReader(client, topic, partition, { maxWaitMs: waitMs })
      if (isGone) {
        const { start } = await one.reader.bounds()
        trouble(`offset ${one.offset} of partition ${partition} of ${topic} is gone: reading goes on at ${start}`)
        one.offset = start
        isGone = false
      }
      const { messages, next } = await one.reader.fetch(one.offset)
      for (const message of messages) {
        if (over.aborted) return
        await show(of(message))
        one.offset = message.at.offset + 1n
      }
      one.offset = next
      pauseMs = firstPauseMs
      missing = 0
    } catch (error) {
      if (over.aborted) return
      if (!(error instanceof TasterError)) throw error
      if (error.code === 'OFFSET_OUT_OF_RANGE') {
        isGone = true
        continue
      }
      // Brokers that have just started may not know of a topic yet.
      if (error.code !== 'BROKER_UNAVAILABLE' && (error.code !== 'TOPIC_MISSING' || ++missing > mostMissing))
        throw error
      trouble(`${error.message}; trying again`)
      await sleep(pauseMs, undefined, { signal: over }).catch(() => {})
      pauseMs = Math.min(2 * pauseMs, mostPauseMs)
    }
}

/** Partitions that topics have got since they were last looked at. What cannot be asked now is asked the next time. */
async function newPartitions(client: Client, counts: Map<string, number>): Promise<Place[]> {
  const found: Place[] = []
  for (const [topic, known] of counts) {
    const { partitions } = await findTopic(client, topic).catch(() => ({ partitions: known }))
    for (let partition = known; partition < partitions; partition++) found.push({ topic, partition })
    counts.set(topic, Math.max(known, partitions))
  }
  return found
}
