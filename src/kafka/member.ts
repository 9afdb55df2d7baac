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
  const { sessionTimeoutMs, metadataMaxAgeMs } = client.connection
  const doing = `joining group ${group} for topic ${topic}`
  let left = false
  const consumer = client.kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs(sessionTimeoutMs),
    heartbeatInterval: Math.min(3000, Math.floor(sessionTimeoutMs / 4)),
    maxWaitTimeInMs: Math.min(250, Math.floor(sessionTimeoutMs / 8)),
    allowAutoTopicCreation: false,
    metadataMaxAge: metadataMaxAgeMs, // by then a partition that was added to the topic is known
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
  const failures: TasterError[] = []
  const lost = new Promise<TasterError>((resolve) => {
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (restart) return
      const failure = kafkaFailure(error, doing)
      failures.push(failure)
      resolve(failure)
    })
  })

  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() })
    if (failures[0] !== undefined) throw failures[0] // the client tells of a failure to join by that event alone
  } catch (error) {
    await disconnect(consumer)
    throw kafkaFailure(error, doing)
  }
  return {
    lost,
    async leave() {
      left = true
      await disconnect(consumer)
    },
  }
}

async function disconnect(consumer: Consumer): Promise<void> {
  await consumer.disconnect().catch(() => {})
}
