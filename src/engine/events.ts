import { createHash } from 'node:crypto'
import type { Batch } from '../core/batch.ts'
import type { CloudEvent } from '../core/line.ts'
import { printable } from '../core/printable.ts'
import type { Verdict } from '../core/verdict.ts'
import { cut, cutName, cutSubject, jsonBytes, mostBytes } from './events/bounds.ts'
import { deadLettersOf } from './events/dead-letters.ts'
import { atOf, spanOf } from './events/position.ts'
import { reasonOf } from './events/reason.ts'
import type { Judgement } from './judge.ts'

export const eventTypes = [
  'taster.batch.quarantined',
  'taster.alarm.raised',
  'taster.alarm.cleared',
  'taster.recall.advised',
  'taster.record.dead-lettered',
  'taster.detector.degraded',
  'taster.pipeline.started',
  'taster.pipeline.stopped',
  'taster.canary.finished',
] as const

export type EventType = (typeof eventTypes)[number]

/** Where events come from and what they were judged by. */
export interface Origin {
  readonly pipeline: string
  readonly baseline: string // digest
}

/**
 * The events that a batch leads to, each of less than 100 kB. Ids follow from the verdict and from where the batch
 * stands, so that a batch judged again tells the same events and equal bytes elsewhere tell others; `time` is the event
 * time of the batch's last message, for the same reason.
 */
export function eventsOf(origin: Origin, batch: Batch, verdict: Verdict, judgement: Judgement): CloudEvent[] {
  const time = timeOf(batch.messages.at(-1)?.timestamp ?? 0)
  const span = spanOf(batch)
  const { topic, partition, offset } = span.from ?? { topic: '', partition: 0, offset: '0' }
  const place = `${printable(topic, 300)}/${partition}/${offset}-${span.to?.offset ?? offset}`
  const events: CloudEvent[] = []
  const tell = (type: EventType, subject: string, data: object) =>
    events.push({
      specversion: '1.0',
      id: idOf([verdict.id, topic, partition, offset, type, events.length]),
      source: sourceOf(origin.pipeline),
      type,
      time,
      subject,
      datacontenttype: 'application/json',
      data: { verdict: verdict.id, baseline: origin.baseline, ...data },
    })

  const failures = judgement.failed.map(({ detector, message }) => ({
    detector: cutName(detector),
    message: cut(message, mostBytes.summary),
  }))
  if (verdict.decision === 'quarantine') {
    const { reasons, moreReasons } = reasonsOf(batch, verdict)
    const held = verdict.rulings.filter(({ decision }) => decision === 'quarantine').length
    const sizes = { messages: batch.messages.length, records: batch.id.length, held }
    const data = { ...span, ...sizes, reasons, moreReasons, failures: failures.slice(0, mostFailures) }
    tell('taster.batch.quarantined', place, data)
  }
  for (const finding of verdict.findings) {
    if (!finding.raised) continue
    const { detector, subject, onset } = finding
    const reason = reasonOf(batch, finding)
    tell('taster.alarm.raised', detector, { ...span, ...reason })
    // The batches that fed a slow alarm have already passed: from onset on they are worth dropping.
    const recalled = { detector, subject: cutSubject(subject), summary: reason.summary, to: span.to }
    if (onset !== null) tell('taster.recall.advised', detector, { ...recalled, from: atOf(onset) })
  }
  for (const { detector, subject } of judgement.cleared)
    tell('taster.alarm.cleared', detector, { ...span, detector, subject: cutSubject(subject) })
  for (const failure of failures)
    tell('taster.detector.degraded', printable(failure.detector, 100), { ...span, ...failure })
  for (const deadLetter of deadLettersOf(batch)) tell('taster.record.dead-lettered', place, deadLetter)
  return events
}

const mostFailures = 10

/** The findings behind a verdict, as many as one event may hold. */
function reasonsOf(batch: Batch, { findings }: Verdict) {
  const reasons: object[] = []
  let left: number = mostBytes.reasons
  for (const finding of findings) {
    const reason = reasonOf(batch, finding)
    left -= jsonBytes(reason) + 1
    if (left < 0) break
    reasons.push(reason)
  }
  return { reasons, moreReasons: findings.length - reasons.length }
}

export interface Lifecycle extends Origin {
  readonly policy: string // digest
  readonly engine: string // version
  readonly member: string // the process that runs the pipeline
  readonly at: Date
  readonly reason?: string // why it stopped, where it did not end by itself
}

/** A process has started to run a pipeline, or stopped. */
export function lifecycleEvent(kind: 'started' | 'stopped', lifecycle: Lifecycle): CloudEvent {
  const { pipeline, baseline, policy, engine, at, reason } = lifecycle
  const member = cutName(lifecycle.member)
  const type = `taster.pipeline.${kind}` as const
  const time = timeOf(at.getTime())
  const why = reason === undefined ? {} : { reason: cut(reason, mostBytes.summary) }
  const data = { pipeline, baseline, policy, engine, member, ...why }
  return {
    specversion: '1.0',
    id: idOf([type, time, ...Object.values(data)]),
    source: sourceOf(pipeline),
    type,
    time,
    subject: printable(member, 100) || pipeline,
    datacontenttype: 'application/json',
    data,
  }
}

export function idOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export function sourceOf(pipeline: string): string {
  return `/taster/${encodeURIComponent(pipeline)}`
}

const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** RFC 3339, which knows the years 0 to 9999; a producer may set any number as the time of its message. */
export function timeOf(epochMs: number): string {
  return new Date(Number.isNaN(epochMs) ? 0 : Math.min(Math.max(epochMs, 0), lastTime)).toISOString()
}
