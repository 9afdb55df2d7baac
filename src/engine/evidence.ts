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

/** Whether nothing is lost by forgetting it: what comes next would start from 1 in any case. */
function isSpent({ keeper, active, logE }: Evidence): boolean {
  return keeper === 'engine' && !active && logE.every((e) => e <= 0)
}

export interface Entry {
  readonly detector: string
  readonly evidence: Evidence
}

/** All that a ledger holds. */
export interface LedgerState {
  readonly entries: readonly Entry[] // in the order in which their subjects came
  readonly active: readonly number[] // which of them have an alarm, in the order in which it was raised
}

// A name longer than this takes the room of several: a stream of huge names must not take more memory than one of many.
const usualLength = 256

/** Evidence by detector and subject, bounded: beyond `capacity` the subjects with the least evidence are forgotten. */
export function ledger(capacity = 50_000, before: LedgerState = { entries: [], active: [] }) {
  const entries = new Map<string, Entry>()
  const active = new Map<string, { readonly detector: string; readonly subject: Subject }>()
  let room = capacity
  const keyOf = (detector: string, subject: Subject) => `${detector} ${subjectKey(subject)}`
  const roomOf = (key: string) => Math.ceil(key.length / usualLength)

  const put = (key: string, entry: Entry) => {
    if (!entries.has(key)) room -= roomOf(key)
    entries.set(key, entry)
  }
  const drop = (key: string) => {
    if (entries.delete(key)) room += roomOf(key)
  }
  const shed = () => {
    const byLevel = [...entries]
      .filter(([, { evidence }]) => !evidence.active)
      .map(([key, { evidence }]) => ({ key, level: levelOf(evidence) }))
      .toSorted((a, b) => a.level - b.level)
    for (const { key } of byLevel) {
      if (room >= capacity / 10) return
      drop(key)
    }
  }

  for (const entry of before.entries) put(keyOf(entry.detector, entry.evidence.subject), entry)
  for (const index of before.active) {
    const entry = before.entries[index]
    if (entry === undefined) continue
    const { detector, evidence } = entry
    active.set(keyOf(detector, evidence.subject), { detector, subject: evidence.subject })
  }
  return {
    get: (detector: string, subject: Subject): Evidence | undefined => entries.get(keyOf(detector, subject))?.evidence,
    set(detector: string, subject: Subject, evidence: Evidence): void {
      const key = keyOf(detector, subject)
      if (evidence.active) active.set(key, { detector, subject })
      else active.delete(key)
      if (isSpent(evidence)) drop(key)
      else put(key, { detector, evidence })
      if (room < 0) shed()
    },
    active: () => [...active.values()],
    state(): LedgerState {
      const places = new Map([...entries.keys()].map((key, place) => [key, place]))
      return { entries: [...entries.values()], active: [...active.keys()].flatMap((key) => places.get(key) ?? []) }
    },
  }
}
