import { TasterError } from '../core/errors.ts'
import type { Delivery, Source } from '../core/line.ts'
import { openBatches, type BatchRules } from './batches.ts'
import type { Client } from './client.ts'
import { openReader } from './reader.ts'
import { findTopic, offsetsAt } from './topics.ts'

/** Messages of one partition, between two offsets. */
export interface Range {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint // exclusive
}

/** An offset, or epoch milliseconds: the first message of at least that time. */
export type Place = { readonly offset: bigint } | { readonly time: number }

export interface RangeRequest {
  readonly topic: string
  readonly partition?: number // otherwise all of them
  readonly from?: Place // otherwise the first message that is kept
  readonly to?: Place // exclusive; otherwise the end of what is committed
}

/**
 * The messages that a topic holds between two places, as they are now. Throws TOPIC_MISSING, ACCESS_DENIED,
 * BROKER_UNAVAILABLE, and CONFIG_INVALID where the topic has no such partition.
 */
export async function rangesOf(client: Client, { topic, partition, from, to }: RangeRequest): Promise<Range[]> {
  const { partitions } = await findTopic(client, topic)
  if (partition !== undefined && partition >= partitions)
    throw new TasterError('CONFIG_INVALID', `Topic ${topic} has no partition ${partition}`, {
      problems: [
        {
          where: '--partition',
          message: `${topic} has partitions 0 to ${partitions - 1}`,
          remedy: 'give one of them, or leave it out',
        },
      ],
    })
  const placed = async (place: Place | undefined, otherwise: readonly bigint[]): Promise<readonly bigint[]> => {
    if (place === undefined) return otherwise
    if ('offset' in place) return otherwise.map(() => place.offset)
    return offsetsAt(client, topic, place.time)
  }
  const wanted = partition === undefined ? Array.from({ length: partitions }, (_, i) => i) : [partition]
  const bounds = new Map<number, { readonly start: bigint; readonly end: bigint }>()
  for (const each of wanted) {
    const reader = await openReader(client, topic, each)
    try {
      bounds.set(each, await reader.bounds())
    } finally {
      await reader.close()
    }
  }
  const all = (of: 'start' | 'end') => Array.from({ length: partitions }, (_, i) => bounds.get(i)?.[of] ?? 0n)
  const first = await placed(from, all('start'))
  const last = await placed(to, all('end'))
  return wanted.map((each) => {
    const { start, end } = bounds.get(each) ?? { start: 0n, end: 0n }
    const begin = larger(first[each] ?? start, start)
    return { topic, partition: each, from: begin, to: larger(smaller(last[each] ?? end, end), begin) }
  })
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b)
const smaller = (a: bigint, b: bigint) => (a < b ? a : b)

export interface RangeSource extends Source {
  /** Offset that has been read up to. */
  position(): bigint
}

/** A stretch of a partition as a source, in batches by count. Nothing is written: a commit acknowledges to nobody. */
export function openRange(
  client: Client,
  { topic, partition, from, to }: Range,
  rules: Omit<BatchRules, 'lingerMs'>,
): RangeSource {
  let position = from
  async function* deliveries(): AsyncGenerator<Delivery> {
    if (from >= to) return
    const reader = await openReader(client, topic, partition)
    try {
      const batches = openBatches({ ...rules, lingerMs: 0 })
      const commit = () => Promise.resolve()
      while (position < to) {
        const { messages, next } = await reader.fetch(position)
        batches.add(messages.filter(({ at }) => at.offset < to))
        position = next < to ? next : to
        for (let batch = batches.take(false); batch !== null; batch = batches.take(false))
          yield { messages: batch, commit }
      }
      for (let batch = batches.rest(); batch !== null; batch = batches.rest()) yield { messages: batch, commit }
    } finally {
      await reader.close()
    }
  }
  return {
    position: () => position,
    [Symbol.asyncIterator]: deliveries,
    close: () => Promise.resolve(),
  }
}
