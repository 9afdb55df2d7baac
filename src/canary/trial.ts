import { sizeOf, type Records } from '../core/batch.ts'
import { subjectKey, type Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import type { Judge, Judgement } from '../engine/judge.ts'
import type { Poison } from './attack.ts'

/** How one attack went. Of poisons and records, those up to the batch that named it, or to the last one. */
export interface Trial {
  readonly attack: string
  readonly mark: string // of the secret: an id that nobody else can make
  readonly from: Position // first message of its first batch
  readonly to: Position // first message of its last batch
  readonly caught: boolean
  readonly detectors: readonly string[] // that named it
  readonly admitted: number // poisons before the batch that named it
  readonly poisons: number
  readonly records: number // judged since the first poison came, the batch of either included
  readonly batches: number // shadowed
  /** Whether what is learnt from the stream alone raised an alarm in these batches: what chance would have caught. */
  readonly anyway: boolean
  /** When a detector that holds back everything would have named it. */
  readonly alwaysFire: { readonly records: number }
}

export interface TrialStart {
  readonly attack: string
  readonly mark: string
  readonly poison: Poison
  readonly uniform: () => number
  readonly rate: number // share of the shadow's records that is poisoned
  readonly batches: number // at most
  readonly at: Position
}

/**
 * One attack on a judge that knows what the stream's own has learnt so far, and that nobody hears but us. Some records of
 * each batch are replaced by poisons, so that its batches are as large as the stream's.
 */
export function openTrial(shadow: Judge, { attack, mark, poison, uniform, rate, batches: most, at: from }: TrialStart) {
  const suspected = new Set<string>() // alarms that the shadow has raised and the stream's own evidence has not
  const raisedAnyway = new Set<string>()
  let to = from
  let [batches, records, admitted, poisons] = [0, 0, 0, 0]
  let first: Trial['alwaysFire'] | null = null
  let poisoned: readonly number[] = []

  return {
    /** Asks the shadow. The next batch only after `take`. */
    judge(own: Records, at: Position): Promise<Judgement> {
      const expected = sizeOf(own) * rate
      const count = Math.floor(expected) + (uniform() < expected % 1 ? 1 : 0)
      const batch = count === 0 ? { records: own, rows: [] } : poison(own, count, uniform)
      poisoned = batch.rows
      to = at
      return shadow.judge(batch.records, at)
    },
    /** Compares what the shadow found with what was found in the same batch without poisons; the trial once it is over. */
    take(own: Judgement, other: Judgement, size: number): Trial | 'void' | null {
      if (own.failed.length > 0 || other.failed.length > 0) return 'void' // nothing can be said of such a batch
      batches++
      admitted = poisons
      poisons += poisoned.length
      if (poisons > 0) records += size
      if (poisons > 0) first ??= { records }
      for (const { raised, detector, subject } of own.findings) if (raised) raisedAnyway.add(keyOf(detector, subject))
      for (const { raised, detector, subject } of other.findings) if (raised) suspected.add(keyOf(detector, subject))
      for (const { detector, subject } of other.cleared) suspected.delete(keyOf(detector, subject))
      for (const key of raisedAnyway) suspected.delete(key)
      const rows = new Set(poisoned)
      const naming = other.findings.filter(
        (finding) =>
          suspected.has(keyOf(finding.detector, finding.subject)) && finding.rows.some((row) => rows.has(row)),
      )
      const caught = naming.length > 0
      if (!caught && batches < most) return null
      if (first === null) return 'void'
      return {
        attack,
        mark,
        from,
        to,
        caught,
        detectors: [...new Set(naming.map(({ detector }) => detector))],
        admitted: caught ? admitted : poisons,
        poisons,
        records,
        batches,
        anyway: raisedAnyway.size > 0,
        alwaysFire: first,
      }
    },
    batches: () => batches,
    close: () => shadow.close(),
  }
}

const keyOf = (detector: string, subject: Subject) => JSON.stringify([detector, subjectKey(subject)])
