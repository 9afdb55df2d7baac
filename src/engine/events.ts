import { createHash } from 'node:crypto'
import type { Batch } from '../core/batch.ts'
import type { CloudEvent } from '../core/line.ts'
import type { Position } from '../core/message.ts'
import type { Verdict } from '../core/verdict.ts'
import type { Judgement } from './judge.ts'

/** Where events come from and what they were judged by. */
export interface Origin {
  readonly pipeline: string
  readonly baseline: string // digest
}

const atOf = ({ topic, partition, offset }: Position) => ({ topic, partition, offset: offset.toString() })

/**
 * The events that a batch leads to. Ids follow from the verdict, so that a batch judged again tells the same events;
 * `time` is the event time of the batch's last message, for the same reason.
 */
export function eventsOf(origin: Origin, batch: Batch, verdict: Verdict, judgement: Judgement): CloudEvent[] {
  const last = batch.messages.at(-1)
  const time = new Date(last?.timestamp ?? 0).toISOString()
  const span = { from: positionOf(batch, 0), to: positionOf(batch, batch.messages.length - 1) }
  const events: CloudEvent[] = []
  const tell = (type: string, data: object, subject?: string) =>
    events.push({
      specversion: '1.0',
      id: createHash('sha256').update(`${verdict.id} ${type} ${events.length}`).digest('hex'),
      source: `/taster/${encodeURIComponent(origin.pipeline)}`,
      type: `taster.${type}`,
      time,
      ...(subject === undefined ? {} : { subject }),
      datacontenttype: 'application/json',
      data: { verdict: verdict.id, baseline: origin.baseline, ...data },
    })

  if (verdict.decision === 'quarantine') {
    const reasons = verdict.findings.map(({ detector, subject, logE, threshold, explanation }) => {
      const { summary, facts } = explanation
      const suspects = explanation.suspects.map((row) => batch.id[row])
      return { detector, subject, logE, threshold, summary, facts, suspects }
    })
    tell('batch.quarantined', { ...span, records: batch.id.length, reasons })
  }
  for (const { detector, subject, logE, threshold, raised, onset, explanation } of verdict.findings) {
    if (!raised) continue
    tell('alarm.raised', { ...span, detector, subject, logE, threshold, summary: explanation.summary }, detector)
    // The batches that fed a slow alarm have already passed: from onset on they are worth dropping.
    if (onset !== null) tell('recall.advised', { detector, subject, from: atOf(onset), to: span.to }, detector)
  }
  for (const { detector, subject } of judgement.cleared) tell('alarm.cleared', { ...span, detector, subject }, detector)
  for (const { detector, message } of judgement.failed)
    tell('detector.degraded', { ...span, detector, message }, detector)
  for (const { message, row, code, reason } of batch.rejected) {
    const at = positionOf(batch, message)
    tell('record.dead-lettered', { at: { ...at, row }, code, reason })
  }
  return events
}

function positionOf(batch: Batch, message: number) {
  const at = batch.messages[message]?.at
  return at === undefined ? null : atOf(at)
}
