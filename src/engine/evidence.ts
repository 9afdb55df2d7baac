import { subjectKey, type Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import { logMeanExp } from '../stats/log-mean-exp.ts'

/**
 * e-CUSUM of one (detector, subject): M ← max(M, 1) · e, one M a bet of the mixture, as logs.
 * `since` is the batch where it last restarted: the onset when it alarms.
 */
export interface Evidence {
  readonly subject: Subject
  readonly logE: Float64Array
  readonly since: Position | null
  readonly records: number // since the restart
  readonly active: boolean // an alarm was raised and has not been cleared
  readonly keeper: 'engine' | 'detector' // who carries it from batch to batch
}

/** log of the mean over bets: an e-detector, since an average of e-detectors is one. */
export function levelOf(evidence: Evidence): number {
  return logMeanExp(evidence.logE)
}

/** Takes one batch's log e-values in. Restarts when nothing speaks against the subject any more. */
export function grow(
  before: Evidence | undefined,
  subject: Subject,
  logE: Float64Array,
  records: number,
  at: Position,
): Evidence {
  const grown = logE.map((e, bet) => Math.max(before?.logE[bet] ?? 0, 0) + e)
  const restarts = !before?.active && (before === undefined || before.logE.every((e) => e <= 0))
  return {
    subject,
    logE: grown,
    since: restarts ? at : (before?.since ?? at),
    records: (restarts ? 0 : (before?.records ?? 0)) + records,
    active: before?.active ?? false,
    keeper: 'engine',
  }
}

/** Keeps an alarm's evidence from growing past `ceiling`, so that clean records can clear it in bounded time. */
export function capped(evidence: Evidence, ceiling: number): Evidence {
  const over = levelOf(evidence) - ceiling
  return over <= 0 ? evidence : { ...evidence, logE: evidence.logE.map((e) => e - over) }
}

/** Evidence of two parts of a stream taken together: associative and commutative. */
export function mergeEvidence(a: Evidence, b: Evidence): Evidence {
  return {
    subject: a.subject,
    logE: a.logE.map((e, bet) => Math.max(e, 0) + Math.max(b.logE[bet] ?? 0, 0)),
    since: earlier(a.since, b.since),
    records: a.records + b.records,
    active: a.active || b.active,
    keeper: a.keeper,
  }
}

function earlier(a: Position | null, b: Position | null): Position | null {
  if (a === null || b === null) return a ?? b
  if (a.topic !== b.topic) return a.topic < b.topic ? a : b
  if (a.partition !== b.partition) return a.partition < b.partition ? a : b
  return a.offset <= b.offset ? a : b
}

/** Evidence by detector and subject, bounded: beyond `capacity` the subject with the least evidence is forgotten. */
export function ledger(capacity = 50_000) {
  const entries = new Map<string, Evidence>()
  const active = new Map<string, { readonly detector: string; readonly subject: Subject }>()
  const keyOf = (detector: string, subject: Subject) => `${detector} ${subjectKey(subject)}`
  const shed = () => {
    const idle = [...entries].filter(([, evidence]) => !evidence.active)
    const byLevel = idle
      .map(([key, evidence]) => ({ key, level: levelOf(evidence) }))
      .toSorted((a, b) => a.level - b.level)
    for (const { key } of byLevel.slice(0, Math.ceil(capacity / 10))) entries.delete(key)
  }
  return {
    get: (detector: string, subject: Subject) => entries.get(keyOf(detector, subject)),
    set(detector: string, subject: Subject, evidence: Evidence) {
      const key = keyOf(detector, subject)
      entries.set(key, evidence)
      if (evidence.active) active.set(key, { detector, subject })
      else active.delete(key)
      if (entries.size > capacity) shed()
    },
    active: () => [...active.values()],
  }
}
