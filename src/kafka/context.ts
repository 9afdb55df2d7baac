import type { Notify } from '../core/notice.ts'
import type { Opened } from '../engine/desk.ts'
import type { Setup } from '../engine/line.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import type { Topics } from '../engine/pipeline/topics.ts'
import type { Client } from './client.ts'

/** What the partitions of one running pipeline share. */
export interface Context {
  readonly client: Client
  readonly pipeline: Pipeline
  readonly topics: Topics
  readonly setup: Setup
  readonly inputPartitions: number // of the input topic when the pipeline started
  readonly eventPartitions: number // of the events topic
  readonly rebuildEvidence: boolean // of each partition, once
  readonly rebuilt: Set<number> // partitions whose evidence was made anew
  readonly notify: Notify
  readonly baseline: Opened // to judge by
  /** Bytes that one partition may hold. */
  readonly inFlightBytes: () => number
  /** Resolves once the group has confirmed this member after the call. */
  readonly confirmed: (signal: AbortSignal) => Promise<void>
}
