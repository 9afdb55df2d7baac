import type { Batch } from './batch.ts'
import type { Message } from './message.ts'
import type { BatchTest, Verdict } from './verdict.ts'

/** A CloudEvents 1.0 event (structured form), with a deterministic id so that consumers de-duplicate. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string // RFC 3339
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: unknown
}

export interface Outcome {
  readonly batch: Batch
  readonly verdict: Verdict
  readonly repeatedIds: number // records whose id an earlier one had
  readonly events: readonly CloudEvent[]
  readonly unscored: boolean // nothing was learnt from the batch: it could not be judged in time
  readonly tests?: readonly BatchTest[] // where the judge was asked for them
  readonly snapshot: Uint8Array | null // all that was learnt along the stream, this batch included, where the delivery asked
}

export interface Delivery {
  readonly messages: readonly Message[]
  readonly wantsSnapshot?: boolean
  /**
   * Writes everything a batch leads to, and its acknowledgement, as one. Resolves when it is durable. Deliveries are
   * committed in the order in which they came, the next without waiting for the last: a source may write several as one. After a commit has failed, so do those that wait, and
   * the source's iteration ends.
   */
  commit(outcome: Outcome): Promise<void>
}

export interface Source extends AsyncIterable<Delivery> {
  close(): Promise<void>
}
