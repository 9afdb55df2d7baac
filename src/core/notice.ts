import type { TasterError } from './errors.ts'
import type { Outcome } from './line.ts'

export type Stage = 'fetch' | 'decode' | 'judge' | 'transaction'

/** What happens to a running pipeline, for logs, metrics and health. Positions are offsets of its input topic. */
export type Notice =
  | { readonly kind: 'joined'; readonly member: string; readonly partitions: readonly number[] }
  | { readonly kind: 'rebalancing' }
  | { readonly kind: 'heartbeat' }
  /** A partition's evidence is being restored: its input was read, to be judged again, up to `offset`. */
  | { readonly kind: 'restoring'; readonly partition: number; readonly offset: bigint }
  /** A partition is ready: fenced, its evidence restored by judging `remeasured` records again. */
  | {
      readonly kind: 'opened'
      readonly partition: number
      readonly offset: bigint
      readonly remeasured: number
      readonly seconds: number
    }
  | { readonly kind: 'closed'; readonly partition: number; readonly reason: string }
  /** Time that a stage took for one batch, or for one fetch or transaction. A fetch is told of though it brought nothing. */
  | { readonly kind: 'stage'; readonly partition: number; readonly stage: Stage; readonly seconds: number }
  /** One transaction is durable. */
  | {
      readonly kind: 'committed'
      readonly partition: number
      readonly outcomes: readonly Outcome[]
      readonly seconds: readonly number[] // of each outcome: from its batch being complete to its being durable
      readonly next: bigint // offset that reading goes on at
    }
  | { readonly kind: 'aborted'; readonly partition: number; readonly error: TasterError }
  /** The partition will be tried again after a pause. */
  | {
      readonly kind: 'retrying'
      readonly partition: number | null // null: the group member
      readonly error: TasterError
      readonly afterMs: number
    }
  | { readonly kind: 'lag'; readonly partition: number; readonly records: bigint; readonly seconds: number }
  | { readonly kind: 'evidence'; readonly partition: number; readonly bytes: number } // of a stored snapshot

export type Notify = (notice: Notice) => void
