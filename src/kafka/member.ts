import type { Consumer } from 'kafkajs'
import type { Notify } from '../core/notice.ts'
import type { Client } from './client.ts'
import { kafkaFailure } from './failure.ts'

export interface MemberOptions {
  readonly group: string
  readonly topic: string
  readonly notify: Notify
  /** Is told of every assignment. */
  readonly assigned: (partitions: readonly number[]) => void
  /** The membership has ended for a reason that the client does not get over by itself. */
  readonly lost: (error: unknown) => void
}

export interface Member {
  /** Resolves with the first heartbeat that the group answers after the call, or once `signal` aborts. */
  confirmed(signal: AbortSignal): Promise<void>
  leave(): Promise<void>
}

/**
 * Joins the consumer group, for its assignments alone: the client's own fetching stays paused, so that its loop does
 * nothing but heartbeats. Partitions are read, and offsets committed, by their lines.
 */
export async function joinGroup(client: Client, options: MemberOptions): Promise<Member> {
  const { group, topic, notify, assigned, lost } = options
  const { sessionTimeoutMs } = client.connection
  const consumer = client.kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: Math.max(sessionTimeoutMs, 60_000),
    heartbeatInterval: Math.min(3000, Math.floor(sessionTimeoutMs / 4)),
    maxWaitTimeInMs: Math.min(250, Math.floor(sessionTimeoutMs / 8)),
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 5, restartOnFailure: () => Promise.resolve(true) },
  })
  const waiting = new Set<() => void>()
  const { GROUP_JOIN, REBALANCING, HEARTBEAT, CRASH } = consumer.events

  consumer.on(GROUP_JOIN, ({ payload }) => {
    consumer.pause([{ topic }])
    const partitions = (payload.memberAssignment[topic] ?? []).toSorted((a, b) => a - b)
    notify({ kind: 'joined', member: payload.memberId, partitions })
    assigned(partitions)
  })
  consumer.on(REBALANCING, () => notify({ kind: 'rebalancing' }))
  consumer.on(HEARTBEAT, () => {
    notify({ kind: 'heartbeat' })
    for (const resolve of waiting) resolve()
    waiting.clear()
  })
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    if (!restart) lost(error)
  })

  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() })
  } catch (error) {
    await disconnect(consumer)
    throw kafkaFailure(error, `joining group ${group} for topic ${topic}`)
  }
  return {
    confirmed: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve()
        const end = () => {
          waiting.delete(end)
          signal.removeEventListener('abort', end)
          resolve()
        }
        waiting.add(end)
        signal.addEventListener('abort', end)
      }),
    leave: () => disconnect(consumer),
  }
}

async function disconnect(consumer: Consumer): Promise<void> {
  await consumer.disconnect().catch(() => {})
}
