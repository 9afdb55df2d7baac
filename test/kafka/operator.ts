import { expect } from 'vitest'
import type { Client } from '../../src/kafka/client.ts'
import type { Process } from './process.ts'
import { until } from './stream.ts'

type Admin = ReturnType<Client['kafka']['admin']>

/** What an operator does with the cluster's own tools. */
export async function administer<T>(client: Client, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** The offsets that a group has committed, by partition; -1 where there is none. */
export async function committedBy(client: Client, group: string, topic: string): Promise<readonly number[]> {
  const [found] = await administer(client, (admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }))
  return (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset))
}

/** The ends of a topic's partitions. */
export async function endsOf(client: Client, topic: string): Promise<readonly number[]> {
  const ends = await administer(client, (admin) => admin.fetchTopicOffsets(topic))
  return ends.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset))
}

/** The part of kafkajs' inner classes by which kafka-consumer-groups commits an offset for a group without members. */
interface Coordinators {
  findGroupCoordinator(of: { groupId: string }): Promise<{ offsetCommit(request: object): Promise<unknown> }>
}

/** Its own command joins the group first, which takes seconds. */
export async function moveOffset(
  client: Client,
  group: string,
  topic: string,
  to: { readonly partition: number; readonly offset: number },
): Promise<void> {
  const cluster = client.openCluster()
  try {
    await cluster.connect()
    const coordinator = await (cluster as unknown as Coordinators).findGroupCoordinator({ groupId: group })
    const partitions = [{ partition: to.partition, offset: String(to.offset) }]
    const request = { groupId: group, groupGenerationId: -1, memberId: '', topics: [{ topic, partitions }] }
    await until(async () => {
      const description = await administer(client, (admin) => admin.describeGroups([group]))
      return description.groups.every(({ members }) => members.length === 0)
    })
    await coordinator.offsetCommit(request)
  } finally {
    await cluster.disconnect()
  }
}

/** Deletes the records of a partition that stand before an offset. */
export async function deleteBefore(client: Client, topic: string, partition: number, offset: number): Promise<void> {
  await administer(client, async (admin) => {
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
  })
}

export async function configure(client: Client, topic: string, config: { readonly [name: string]: string }) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  const resources = [{ type: 2, name: topic, configEntries }] // 2: a topic
  await administer(client, (admin) => admin.alterConfigs({ validateOnly: false, resources }))
}

export async function deleteTopic(client: Client, topic: string): Promise<void> {
  await administer(client, (admin) => admin.deleteTopics({ topics: [topic] }))
}

/** Creates a topic of this very name, once the one of this name that was deleted is gone. */
export async function recreateTopic(
  client: Client,
  topic: string,
  partitions: number,
  config: { readonly [name: string]: string } = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await until(() =>
    administer(client, (admin) =>
      admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] }),
    ),
  )
}

/** Resolves once a group has committed a topic to its end. Rejects where the process that should ends before. */
export async function untilRead(client: Client, group: string, topic: string, by: Process): Promise<void> {
  let ended: string | null = null
  void by.ended.then(({ code, out, err }) => (ended = `it ended with ${code}: ${err} ${out.slice(-2000)}`))
  await until(async () => {
    if (ended !== null) throw new Error(ended)
    const [committed, ends] = [await committedBy(client, group, topic), await endsOf(client, topic)]
    return ends.every((end, i) => committed[i] === end || end === 0)
  })
}

/** Lets a process finish the batch in hand. */
export async function stopped(process: Process): Promise<void> {
  process.kill('SIGTERM')
  const { code, err } = await process.ended
  expect(err).toBe('')
  expect(code).toBe(0)
}
