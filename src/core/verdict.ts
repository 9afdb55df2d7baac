import type { Explanation, Subject } from './measurement.ts'
import type { Position } from './message.ts'

/** Ordered from best to worst. */
export type Decision = 'pass' | 'quarantine' | 'dead-letter'

/** A subject whose evidence crossed the budget. */
export interface Finding {
  readonly detector: string
  readonly subject: Subject
  readonly logE: number // evidence, weighted by the subject's share of the budget; natural log
  readonly threshold: number // log of the average run length that the budget asks for
  readonly raised: boolean // true in the batch that raised the alarm, false while it lasts
  readonly onset: Position | null // first message of the batch in which this evidence began to grow; null: this very batch
  readonly rows: readonly number[] // records of the batch that it concerns
  readonly explanation: Explanation
}

/** One record's (or undecodable row's) way out. */
export interface Ruling {
  readonly message: number // index in the batch's messages
  readonly row: number // row within its message
  readonly decision: Decision
  readonly reason: string // empty for pass
}

/** One test that a batch was put to, by itself: unlike evidence it knows nothing of the batches before. */
export interface BatchTest {
  readonly detector: string
  readonly subject: Subject
  readonly p: number
}

export interface Insufficient {
  readonly detector: string
  readonly subject: Subject
  readonly records: number
  readonly needed: number
}

export interface Verdict {
  readonly id: string // sha256(batch digest, baseline digest, policy digest, engine version)
  readonly decision: Decision // of the batch: the worst that a finding asks for
  readonly rulings: readonly Ruling[] // every row of every message exactly once, in order
  readonly findings: readonly Finding[]
  readonly insufficient: readonly Insufficient[]
}
