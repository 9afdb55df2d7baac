import { TasterError } from '../core/errors.ts'
import type { Topics } from '../engine/pipeline/topics.ts'
import type { Client } from './client.ts'
import { kafkaFailure } from './failure.ts'

/** Partitions of the input topic and of the events topic. */
export interface Partitions {
  readonly input: number
  readonly events: number
}

/**
 * Looks whether all topics of a pipeline are there, and have a partition for each of the input. Throws TOPIC_MISSING,
 * CONFIG_INVALID where one has too few, ACCESS_DENIED, BROKER_UNAVAILABLE.
 */
export async function partitionsOf(client: Client, topics: Topics): Promise<Partitions> {
  const outputs = [topics.clean, topics.quarantine, topics.deadLetter, topics.state]
  const counts = new Map<string, number>()
  const admin = client.kafka.admin()
  let doing = 'looking for topics'
  try {
    await admin.connect()
    for (const topic of [topics.input, topics.events, ...outputs]) {
      doing = `looking for topic ${topic}`
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
      counts.set(topic, found[0]?.partitions.length ?? 0)
    }
  } catch (error) {
    throw kafkaFailure(error, doing)
  } finally {
    await admin.disconnect().catch(() => {})
  }
  const input = counts.get(topics.input) ?? 0
  const short = outputs.filter((topic) => (counts.get(topic) ?? 0) < input)
  if (short.length > 0)
    throw new TasterError('CONFIG_INVALID', `Topics have fewer partitions than ${topics.input}, which has ${input}`, {
      problems: short.map((topic) => ({
        where: topic,
        message: `it has ${counts.get(topic) ?? 0}`,
        remedy: 'records keep their partition: let taster topics <pipeline> add the ones that are missing',
      })),
    })
  return { input, events: counts.get(topics.events) ?? 1 }
}
