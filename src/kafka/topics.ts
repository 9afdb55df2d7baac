import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { TasterError } from '../core/errors.ts'
import type { Client } from './client.ts'
import { kafkaFailure } from './failure.ts'
import type { Cluster, PlannedTopic, Present, Setting } from './topic-plan.ts'
import { batchBytes } from './topic-rules.ts'

// Numbers of the protocol: https://kafka.apache.org/protocol
const topicResource = 2
const brokerResource = 4
const setForThisTopic = 1
const patienceMs = 30_000
const pauseMs = 100

/** Throws ACCESS_DENIED, BROKER_UNAVAILABLE. */
export async function readTopics(client: Client, names: readonly string[]): Promise<Cluster> {
  return withAdmin(client, async (admin) => {
    const brokers = await asked(
      'asking the cluster for its brokers',
      async () => (await admin.describeCluster()).brokers,
    )
    const topics = new Map<string, Present>()
    for (const name of names) {
      // Asked for their settings brokers say at once that a topic is missing; for their partitions they are asked for long.
      const settings = await settingsOf(admin, name).catch((error: unknown) => {
        if (error instanceof TasterError && error.code === 'TOPIC_MISSING') return null
        throw error
      })
      if (settings === null) continue
      const found = await asked(`reading the partitions of topic ${name}`, () =>
        admin.fetchTopicMetadata({ topics: [name] }),
      )
      const partitions = found.topics[0]?.partitions ?? []
      const replicas = Math.min(...partitions.map((partition) => partition.replicas.length))
      topics.set(name, { partitions: partitions.length, replicas, settings })
    }
    return { brokers: brokers.length, messageBytes: await largestMessage(admin, brokers[0]?.nodeId), topics }
  })
}

/** One topic; null in place of settings that this user may not read. Throws TOPIC_MISSING, ACCESS_DENIED, BROKER_UNAVAILABLE. */
export async function findTopic(
  client: Client,
  topic: string,
): Promise<{ readonly partitions: number; readonly settings: Present['settings'] | null }> {
  return withAdmin(client, async (admin) => {
    const settings = await settingsOf(admin, topic).catch((error: unknown) => {
      if (error instanceof TasterError && error.code === 'ACCESS_DENIED') return null
      throw error
    })
    const doing = `reading the partitions of topic ${topic}`
    const { topics } = await asked(doing, () => admin.fetchTopicMetadata({ topics: [topic] }))
    return { partitions: topics[0]?.partitions.length ?? 0, settings }
  })
}

/**
 * The offset of the first message of at least a time (epoch ms) in each partition; its end where there is none. Throws
 * TOPIC_MISSING, ACCESS_DENIED, BROKER_UNAVAILABLE.
 */
export async function offsetsAt(client: Client, topic: string, time: number): Promise<readonly bigint[]> {
  return withAdmin(client, async (admin) => {
    const doing = `asking topic ${topic} for its offsets at ${new Date(time).toISOString()}`
    const found = await asked(doing, () => admin.fetchTopicOffsetsByTimestamp(topic, time))
    return found.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => BigInt(offset))
  })
}

export interface ApplyOptions {
  readonly validateOnly: boolean // ask the brokers whether they would, and change nothing
  readonly done?: (topic: PlannedTopic) => void
}

/**
 * Does what was planned, topic by topic; the first one that cannot be done ends it. Throws ACCESS_DENIED,
 * BROKER_UNAVAILABLE, and CONFIG_INVALID with a remedy for what the brokers refuse.
 */
export async function applyPlan(
  client: Client,
  plan: readonly PlannedTopic[],
  { validateOnly, done }: ApplyOptions,
): Promise<void> {
  const pending = plan.filter(({ action }) => action !== 'none')
  if (pending.length === 0) return
  await withAdmin(client, async (admin) => {
    for (const planned of pending) {
      if (planned.action === 'create') await create(admin, planned, validateOnly)
      else await change(admin, planned, validateOnly)
      done?.(planned)
    }
  })
}

async function create(admin: Admin, planned: PlannedTopic, validateOnly: boolean): Promise<void> {
  const { topic, partitions, replicas, settings } = planned
  const made = await asked(`creating topic ${topic}`, () =>
    admin.createTopics({
      validateOnly,
      waitForLeaders: false, // takes a broker that does not know of the topic yet for a failure
      timeout: patienceMs,
      topics: [
        {
          topic,
          numPartitions: partitions.to,
          replicationFactor: replicas,
          configEntries: settings.map(({ name, to }) => ({ name, value: to })),
        },
      ],
    }),
  )
  if (made && !validateOnly) await untilKnown(admin, topic)
  if (made) return
  throw refused(topic, 'it is there though it was not listed', 'run the command again; allow DESCRIBE on the topic')
}

/** Resolves once brokers know of a topic that their controller has created: a command that follows has to find it. */
async function untilKnown(admin: Admin, topic: string): Promise<void> {
  const end = performance.now() + patienceMs
  const isKnown = async () => {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] })
      return true
    } catch (error) {
      if (typeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' && performance.now() < end) return false
      throw error
    }
  }
  while (!(await asked(`waiting for topic ${topic}`, isKnown))) await sleep(pauseMs)
}

async function change(admin: Admin, planned: PlannedTopic, validateOnly: boolean): Promise<void> {
  const { topic, partitions, settings } = planned
  if (partitions.from !== null && partitions.to > partitions.from)
    await asked(`adding partitions to topic ${topic}`, () =>
      admin.createPartitions({
        validateOnly,
        timeout: patienceMs,
        topicPartitions: [{ topic, count: partitions.to }],
      }),
    )
  if (settings.length === 0) return
  // The request replaces whatever was set for the topic, so everything else that is set goes along.
  const now = await settingsOf(admin, topic)
  const own = new Map([...now].filter(([, setting]) => setting.own).map(([name, { value }]) => [name, value]))
  for (const { name, to } of settings) own.set(name, to)
  const configEntries = [...own].map(([name, value]) => ({ name, value }))
  await asked(`changing settings of topic ${topic}`, () =>
    admin.alterConfigs({ validateOnly, resources: [{ type: topicResource, name: topic, configEntries }] }),
  )
}

/** Every setting of a topic. Throws CONFIG_INVALID where one that is set for it is kept secret. */
async function settingsOf(admin: Admin, topic: string): Promise<ReadonlyMap<string, Setting>> {
  const { resources } = await asked(`reading the settings of topic ${topic}`, () =>
    admin.describeConfigs({ includeSynonyms: false, resources: [{ type: topicResource, name: topic }] }),
  )
  const settings = new Map<string, Setting>()
  for (const { configName, configValue, configSource } of resources[0]?.configEntries ?? []) {
    const value = configValue as string | null
    const own = configSource === setForThisTopic
    if (value === null && own)
      throw refused(topic, `its setting ${configName} cannot be read, so that it could not be kept`, 'unset it first')
    if (value !== null) settings.set(configName, { value, own })
  }
  return settings
}

/** What topics take that do not say it; what brokers take by default, where this user may not ask. */
async function largestMessage(admin: Admin, node: number | undefined): Promise<number> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: brokerResource, name: String(node), configNames: ['message.max.bytes'] }],
    })
    return Number(resources[0]?.configEntries[0]?.configValue ?? batchBytes)
  } catch (error) {
    if (refusals.has(typeOf(error))) return batchBytes
    throw kafkaFailure(error, 'reading the settings of the brokers')
  }
}

async function withAdmin<T>(client: Client, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.kafka.admin()
  try {
    await asked('connecting to the brokers', () => admin.connect())
    return await use(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

const refusals: ReadonlyMap<string, readonly [why: string, remedy: string]> = new Map([
  ['INVALID_REPLICATION_FACTOR', ['there are not so many brokers', 'give --replicas, at most one for each broker']],
  ['INVALID_PARTITIONS', ['the brokers do not allow so many partitions', 'give --partitions']],
  ['INVALID_CONFIG', ['the brokers do not allow a setting', 'compare the settings with what the brokers allow']],
  ['POLICY_VIOLATION', ['a policy of the cluster is against it', "let the cluster's administrator create the topic"]],
  [
    'INVALID_TOPIC_EXCEPTION',
    ['the brokers do not allow its name, or it differs from that of another topic only in . and _', 'rename it'],
  ],
  ['TOPIC_AUTHORIZATION_FAILED', ['', 'allow DESCRIBE, CREATE, ALTER, DESCRIBE_CONFIGS and ALTER_CONFIGS on it']],
  ['CLUSTER_AUTHORIZATION_FAILED', ['', 'allow CREATE and DESCRIBE on the cluster, or CREATE on the topics']],
])

/** Runs a request. What the brokers refuse is told with what would help. */
async function asked<T>(doing: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof TasterError) throw error
    const type = typeOf(error)
    const [why, remedy] = refusals.get(type) ?? []
    if (why === undefined || remedy === undefined) throw kafkaFailure(error, doing)
    if (why !== '') throw refused(doing, `${why} (${type})`, remedy, error)
    throw new TasterError('ACCESS_DENIED', `The brokers do not allow ${doing}. Ask an administrator to ${remedy}`, {
      cause: error,
    })
  }
}

/** The protocol's name of an error; a request for several topics wraps it. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('errors' in error && Array.isArray(error.errors)) return typeOf(error.errors[0])
  if ('type' in error && typeof error.type === 'string') return error.type
  return error.cause === undefined ? '' : typeOf(error.cause)
}

function refused(where: string, message: string, remedy: string, cause?: unknown): TasterError {
  return new TasterError('CONFIG_INVALID', `The topics cannot be made as planned`, {
    problems: [{ where, message, remedy }],
    ...(cause !== undefined && { cause }),
  })
}
