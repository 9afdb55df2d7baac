import { setTimeout as sleep } from 'node:timers/promises'
import type { Notify } from '../core/notice.ts'
import type { Opened } from '../engine/desk.ts'
import type { Setup } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { topicsOf } from '../engine/pipeline/topics.ts'
import { openAssignment } from './assignment.ts'
import { backOffMs } from './back-off.ts'
import type { Client } from './client.ts'
import { openConfirmations } from './confirmations.ts'
import { kafkaFailure } from './failure.ts'
import { joinGroup, type Member } from './member.ts'
import { partitionsOf } from './partitions-of.ts'
import { tellLifecycle } from './lifecycle.ts'
import { within } from './within.ts'

export interface RunPipelineOptions {
  readonly client: Client
  readonly pipeline: Pipeline
  readonly setup: Setup
  readonly baseline: Opened // to judge by
  /** Evidence that cannot be used when a partition is first opened is made anew, from what the input topic still holds. */
  readonly rebuildEvidence: boolean
  readonly notify: Notify
}

const firstPauseMs = 1000
const leavingMs = 10_000

/**
 * Runs a pipeline as a member of its consumer group until `signal` aborts: then each partition finishes the batch in
 * hand, and the member leaves. While the broker is away it waits and tries again. Rejects where that would not help: a
 * topic that is missing at the start, evidence that cannot be used, a detector that fails every batch.
 */
export async function runPipeline(options: RunPipelineOptions, signal: AbortSignal): Promise<void> {
  const { client, pipeline, setup, notify } = options
  const topics = topicsOf(pipeline)
  const failed = new AbortController()
  const ended = AbortSignal.any([signal, failed.signal])
  const partitions = await patiently(() => partitionsOf(client, topics), ended, notify)
  if (partitions === null) return
  const events = { topic: topics.events, partitions: partitions.events }
  const aborted = new Promise<null>((resolve) => ended.addEventListener('abort', () => resolve(null)))
  const confirmations = openConfirmations()
  const fatal: unknown[] = []
  let member: Member | null = null

  const assignment = openAssignment({
    client,
    pipeline,
    topics,
    setup,
    notify,
    inputPartitions: partitions.input,
    eventPartitions: partitions.events,
    rebuildEvidence: options.rebuildEvidence,
    baseline: options.baseline,
    confirmed: (until) => confirmations.next(until),
    fail(error) {
      fatal.push(error)
      failed.abort()
    },
  })
  const join = () =>
    joinGroup(client, {
      group: topics.group,
      topic: topics.input,
      notify,
      assigned: (given) => assignment.set(given),
      confirmed: () => confirmations.confirm(),
    })
  try {
    await patiently(() => tellLifecycle(client, events, 'started', setup), ended, notify)
    while (!ended.aborted) {
      member = await patiently(join, ended, notify)
      if (member === null) break
      const failure = await Promise.race([aborted, member.lost])
      if (failure === null) break
      await member.leave()
      notify({ kind: 'retrying', partition: null, error: failure, afterMs: firstPauseMs })
      await sleep(firstPauseMs, undefined, { signal: ended }).catch(() => {})
    }
  } finally {
    await assignment.close()
    const left = member?.leave()
    const reason = fatal.length > 0 ? kafkaFailure(fatal[0], 'running the pipeline').code : undefined
    const told = tellLifecycle(client, events, 'stopped', setup, reason).catch(() => {})
    await within(leavingMs, Promise.all([left, told])) // brokers that do not answer are not waited for
  }
  if (fatal.length > 0) throw fatal[0]
}

/** Tries again for as long as the broker is away; null once `signal` aborts. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal, notify: Notify): Promise<T | null> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await work()
    } catch (error) {
      const failure = kafkaFailure(error, 'reaching the brokers')
      if (failure.code !== 'BROKER_UNAVAILABLE') throw failure
      const afterMs = backOffMs(firstPauseMs, attempt)
      notify({ kind: 'retrying', partition: null, error: failure, afterMs })
      await sleep(afterMs, undefined, { signal }).catch(() => {})
    }
  }
  return null
}
