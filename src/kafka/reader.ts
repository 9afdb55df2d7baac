import { setTimeout as sleep } from 'node:timers/promises'
import { TasterError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import type { Client } from './client.ts'
import { kafkaFailure } from './failure.ts'
import type { Broker, Cluster, FetchedPartition } from './load.ts'
import { decodeBatches } from './record-batch.ts'

export interface Fetched {
  readonly messages: readonly Message[]
  readonly next: bigint // offset to fetch next
  readonly end: bigint // of what can be read: last stable offset, or the high watermark where uncommitted is read
  readonly bytes: number // of memory that the messages hold, roughly
}

/** Reads one partition. Its fetches follow one another; `bounds` may be asked at any time. */
export interface Reader {
  /**
   * Messages from an offset on; waits up to `maxWaitMs` for some. May be empty with a `next` beyond the offset, where
   * records were aborted, compacted away or the markers of transactions. A message of any size comes whole.
   */
  fetch(offset: bigint): Promise<Fetched>
  /**
   * The first offset that is kept, the end of what can be read, and the end of what is written: it lies beyond `end`
   * where committed messages are read and a transaction of anybody's is open.
   */
  bounds(): Promise<{ readonly start: bigint; readonly end: bigint; readonly written: bigint }>
  close(): Promise<void>
}

export interface ReaderOptions {
  readonly maxBytes?: number // of one fetch, as they are stored
  readonly maxWaitMs?: number
  readonly isolation?: 'read_committed' | 'read_uncommitted'
}

// The leader of the partition moved, or is being elected: metadata says where it is.
const stale = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
])
const lost = new Set([
  'KafkaJSBrokerNotFound',
  'KafkaJSConnectionClosedError',
  'KafkaJSConnectionError',
  'KafkaJSRequestTimeoutError',
])
const attempts = 7
const firstPauseMs = 25 // doubled each time: 1.6 s altogether
const earliest = -2
const latest = -1

/**
 * Opens one partition of a topic over connections of its own, so that a fetch which waits holds up no other. A leader
 * that moved and a connection that was lost are tried again for a few seconds; after an error the reader can be used
 * again. Throws TOPIC_MISSING, ACCESS_DENIED and BROKER_UNAVAILABLE, as its functions do; `fetch` also
 * OFFSET_OUT_OF_RANGE.
 */
export async function openReader(
  client: Client,
  topic: string,
  partition: number,
  options: ReaderOptions = {},
): Promise<Reader> {
  const { maxBytes = 2 ** 20, maxWaitMs = 250, isolation = 'read_committed' } = options
  const isolationLevel = isolation === 'read_committed' ? 1 : 0
  const doing = `Reading partition ${partition} of topic ${topic}`
  let cluster: Promise<Cluster> | null = null
  let closed = false

  const drop = async (): Promise<void> => {
    const dropped = cluster
    cluster = null
    await dropped?.then((open) => open.disconnect()).catch(() => undefined)
  }
  const recover = async (error: unknown): Promise<boolean> => {
    const { name = '', type = '' } = error as { name?: string; type?: string }
    if (stale.has(type) && cluster !== null) {
      const refreshed = await cluster
        .then((open) => open.refreshMetadata())
        .then(
          () => true,
          () => false,
        )
      if (refreshed) return true
    }
    // What is still under way there ends by itself: a broker that does not answer is not waited for.
    void drop()
    return stale.has(type) || lost.has(name)
  }
  const withLeader = async <T>(work: (leader: Broker) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      if (closed) throw new TasterError('INVARIANT_BROKEN', `${doing} goes on after the reader was closed`)
      try {
        cluster ??= connect(client, topic)
        return await work(await leaderOf(await cluster, topic, partition))
      } catch (error) {
        const again = await recover(error)
        if (!again || attempt === attempts) throw kafkaFailure(error, doing)
        await sleep(firstPauseMs * 2 ** (attempt - 1))
      }
    }
  }
  const fetchFrom = async (leader: Broker, offset: bigint): Promise<FetchedPartition> => {
    const partitions = [{ partition, fetchOffset: String(offset), maxBytes }]
    const request = { isolationLevel, maxWaitTime: maxWaitMs, minBytes: 1, maxBytes, topics: [{ topic, partitions }] }
    return only((await leader.fetch(request)).responses, doing)
  }
  const listed = async (leader: Broker, timestamp: number, level: number): Promise<bigint> => {
    const topics = [{ topic, partitions: [{ partition, timestamp }] }]
    return BigInt(only((await leader.listOffsets({ isolationLevel: level, topics })).responses, doing).offset)
  }

  try {
    await withLeader(async () => undefined)
  } catch (error) {
    await drop()
    throw error
  }
  return {
    async fetch(offset) {
      const answer = await withLeader((leader) => fetchFrom(leader, offset))
      const aborted = answer.abortedTransactions.map(({ producerId, firstOffset }) => ({
        producerId: BigInt(producerId),
        firstOffset: BigInt(firstOffset),
      }))
      const { bytes } = answer.messages
      const decoded = await decodeBatches(bytes, { topic, partition, from: offset, aborted })
      if (bytes.length > 0 && decoded.next === offset) {
        throw new TasterError('BROKER_UNAVAILABLE', `${doing} failed: the answer holds no whole record batch`)
      }
      const end = isolationLevel === 1 ? answer.lastStableOffset : answer.highWatermark
      return { ...decoded, end: BigInt(end) }
    },
    bounds: () =>
      withLeader(async (leader) => {
        const start = await listed(leader, earliest, isolationLevel)
        const end = await listed(leader, latest, isolationLevel)
        return { start, end, written: isolationLevel === 0 ? end : await listed(leader, latest, 0) }
      }),
    async close() {
      closed = true
      await drop()
    },
  }
}

async function connect(client: Client, topic: string): Promise<Cluster> {
  const cluster = client.openCluster()
  try {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    return cluster
  } catch (error) {
    await cluster.disconnect().catch(() => undefined)
    throw error
  }
}

async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  if (nodeId !== undefined) return cluster.findBroker({ nodeId })
  // Metadata that is older than the partition gets a chance to learn of it.
  throw Object.assign(new Error(`topic ${topic} has no partition ${partition}`), { type: 'UNKNOWN_TOPIC_OR_PARTITION' })
}

function only<P>(responses: readonly { readonly partitions: readonly P[] }[], doing: string): P {
  const found = responses[0]?.partitions[0]
  if (found === undefined) throw new TasterError('BROKER_UNAVAILABLE', `${doing} failed: the answer is empty`)
  return found
}
