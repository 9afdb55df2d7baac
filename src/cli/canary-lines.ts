import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { canaryEvent } from '../canary/event.ts'
import { openCounts } from '../canary/tally.ts'
import type { Trial } from '../canary/trial.ts'
import type { Outcome } from '../core/line.ts'
import type { Notify } from '../core/notice.ts'
import { startLearning } from '../engine/learning.ts'
import { run } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import type { Client } from '../kafka/client.ts'
import type { EventsWriter } from '../kafka/events-writer.ts'
import { openFollower } from '../kafka/follow.ts'
import { findTopic } from '../kafka/topics.ts'
import type { CanaryMetrics } from '../observe/canary-metrics.ts'
import type { Prepared } from './canary-campaign.ts'

export interface CanaryLines {
  readonly client: Client
  readonly prepared: Prepared
  readonly pipeline: Pipeline
  readonly topic: string
  readonly metrics: CanaryMetrics
  readonly log: Logger
  readonly writer: EventsWriter
  readonly isWhole: boolean // partitions that the topic gets later are followed, too
}

interface Start {
  readonly partition: number
  readonly from: bigint
}

const lookMs = 30_000

/** A line beside each partition, until `signal` aborts. Rejects with what ended one of them. */
export async function canaryLines(
  starts: readonly Start[],
  lines: CanaryLines,
  notify: Notify,
  signal: AbortSignal,
): Promise<void> {
  const { client, topic, writer, isWhole, pipeline, log } = lines
  const failed = new AbortController()
  const over = AbortSignal.any([signal, failed.signal])
  const counts = openCounts()
  const partitions: number[] = []
  const running: Promise<void>[] = []
  const begin = (start: Start) => {
    partitions.push(start.partition)
    notify({ kind: 'joined', member: '', partitions })
    const line = follow(start, lines, counts, notify, over).catch((error: unknown) => {
      failed.abort() // the others end, too
      throw error
    })
    line.catch(() => {}) // it is awaited below
    running.push(line)
  }
  starts.forEach(begin)
  log.info({ event: 'following', pipeline: pipeline.name, topic, partitions })
  const fatal: unknown[] = []
  writer.failed.catch((error: unknown) => {
    fatal.push(error)
    failed.abort()
  })
  while (!over.aborted) {
    await sleep(lookMs, undefined, { signal: over }).catch(() => {})
    if (over.aborted || !isWhole) continue
    const known = Math.max(-1, ...partitions) + 1
    const found = await findTopic(client, topic).catch(() => ({ partitions: known })) // asked again the next time
    for (let partition = known; partition < found.partitions; partition++) begin({ partition, from: 0n })
  }
  const ended = await Promise.allSettled(running)
  for (const result of ended) if (result.status === 'rejected') fatal.push(result.reason)
  if (fatal.length > 0) throw fatal[0]
}

async function follow(
  { partition, from }: Start,
  { client, prepared, pipeline, topic, metrics, log, writer }: CanaryLines,
  counts: ReturnType<typeof openCounts>,
  notify: Notify,
  signal: AbortSignal,
): Promise<void> {
  const { name: pipelineName, input } = pipeline
  const { opened, setup, campaign } = prepared
  const finished: Trial[] = []
  const learning = await startLearning(
    campaign(opened, { finished: (trial) => void finished.push(trial) }),
    setup.verify,
  )
  const source = openFollower(
    client,
    { topic, partition, from },
    {
      rules: {
        records: input.batch.records,
        bytes: input.limits.batchBytes,
        lingerMs: input.batch.lingerMs,
        messages: setup.fields.messages,
      },
      signal,
      fetched(behind) {
        notify({ kind: 'lag', partition, records: behind, seconds: 0 })
        notify({ kind: 'stage', partition, stage: 'fetch', seconds: 0 })
      },
      trouble(error, afterMs) {
        notify({ kind: 'retrying', partition, error, afterMs })
        log.warn({
          event: 'retrying',
          pipeline: pipelineName,
          partition,
          code: error.code,
          error: error.message,
          afterMs,
        })
      },
    },
  )
  const tell = (trial: Trial, { batch }: Outcome) => {
    const recall = counts.add(trial)
    const origin = { pipeline: pipelineName, baseline: opened.digest, policy: setup.policyDigest }
    const event = canaryEvent(origin, trial, recall, batch.messages.at(-1)?.timestamp ?? 0)
    metrics.trial(trial, recall.recall)
    writer.tell(event)
    const { attack, caught, admitted, poisons, records, batches, detectors } = trial
    const line = {
      event: 'canary',
      pipeline: pipelineName,
      partition,
      attack,
      caught,
      admitted,
      poisons,
      records,
      batches,
    }
    log[caught ? 'info' : 'warn']({ ...line, detectors, eventId: event.id })
  }
  notify({ kind: 'opened', partition, offset: from, remeasured: 0, seconds: 0 })
  try {
    await run(source, learning, setup, signal, {
      watch(outcome) {
        notify({ kind: 'committed', partition, outcomes: [], seconds: [], next: 0n })
        const held = outcome.verdict.rulings.filter(({ decision }) => decision === 'quarantine').length
        metrics.batch(outcome.batch.id.length, held)
        const [trial] = finished
        if (trial?.to.offset !== outcome.batch.messages[0]?.at.offset || trial === undefined) return
        finished.shift()
        tell(trial, outcome)
      },
    })
  } finally {
    notify({ kind: 'closed', partition, reason: 'stopped' })
    await source.close()
    await learning.judge.close().catch(() => {}) // gone with its thread, where that is why we end
  }
}
