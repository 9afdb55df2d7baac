import { hostname } from 'node:os'
import { lifecycleEvent } from '../engine/events.ts'
import type { Setup } from '../engine/line.ts'
import type { Client } from './client.ts'
import { eventMessage } from './cloud-event.ts'
import { kafkaFailure } from './failure.ts'

/** Tells the events topic that a process has started, or stopped, to run a pipeline. */
export async function tellLifecycle(
  client: Client,
  { topic, partitions }: { readonly topic: string; readonly partitions: number },
  kind: 'started' | 'stopped',
  { pipeline, baselineDigest, policyDigest, engine }: Setup,
  reason?: string,
): Promise<void> {
  const producer = client.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  try {
    await producer.connect()
    const event = lifecycleEvent(kind, {
      pipeline,
      baseline: baselineDigest,
      policy: policyDigest,
      engine,
      member: `${client.connection.clientId} ${hostname()} ${process.pid}`,
      at: new Date(),
      ...(reason !== undefined && { reason }),
    })
    await producer.send({ topic, acks: -1, messages: [eventMessage(event, partitions)] as never })
  } catch (error) {
    throw kafkaFailure(error, `writing to ${topic}`)
  } finally {
    await producer.disconnect().catch(() => {})
  }
}
