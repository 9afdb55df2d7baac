import type { Consumer } from 'kafkajs'
import { TasterError } from '../core/errors.ts'
import type { Notify } from '../core/notice.ts'
import type { Client } from './client.ts'
import { kafkaFailure } from './failure.ts'

export interface MemberOptions {
  readonly group: string
  readonly topic: string
  readonly notify: Notify
  /** Is told of every assignment. */
  readonly assigned: (partitions: readonly number[]) => void
  /** Is told of every heartbeat that the group answers. */
  readonly confirmed: () => void
}

export interface Member {
  /** Resolves once the membership has ended for a reason that the client does not get over by itself. */
  readonly lost: Promise<TasterError>
  leave(): Promise<void>
}

/** How long the group waits for members that do not come back when it shares out partitions: so long may joining take. */
export function rebalanceTimeoutMs(sessionTimeoutMs: number): number {
  return Math.max(sessionTimeoutMs, 60_000)
}

/**
 * Joins the consumer group, for its assignments alone: the client's own fetching stays paused, so that its loop does
 * nothing but heartbeats. Partitions are read, and offsets committed, by their lines.
 */
export async function joinGroup(client: Client, options: MemberOptions): Promise<Member> {
  const { group, topic, notify, assigned, confirmed } = options
  const { sessionTimeoutMs } = client.connection
  let left = false
  const consumer = client.kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs(sessionTimeoutMs),
    heartbeatInterval: Math.min(3000, Math.floor(sessionTimeoutMs / 4)),
    maxWaitTimeInMs: Math.min(250, Math.floor(sessionTimeoutMs / 8)),
    allowAutoTopicCreation: false,
    metadataMaxAge: metadataMaxAgeMs,
    retry: { initialRetryTime: 100, maxRetryTime: 5000, retries: 5, restartOnFailure: () => Promise.resolve(!left) },
  })
  const { GROUP_JOIN, REBALANCING, HEARTBEAT, CRASH } = consumer.events

  consumer.on(GROUP_JOIN, ({ payload }) => {
    // The client was at restarting itself when it was told to leave: this ends what it would else go on with for ever.
    if (left) throw new TasterError('INVARIANT_BROKEN', `Group ${group} was joined after it was left`)
    consumer.pause([{ topic }])
    const partitions = (payload.memberAssignment[topic] ?? []).toSorted((a, b) => a - b)
    notify({ kind: 'joined', member: payload.memberId, partitions })
    assigned(partitions)
  })
  consumer.on(REBALANCING, () => notify({ kind: 'rebalancing' }))
  consumer.on(HEARTBEAT, () => {
    notify({ kind: 'heartbeat' })
    confirmed()
  })
  let failure: TasterError | null = null
  const lost = new Promise<TasterError>((resolve) => {
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (restart) return
      failure = kafkaFailure(error, doing)
      resolve(failure)
    })
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
