import type { Outcome } from '../core/line.ts'
import type { Message } from '../core/message.ts'
import type { Outbound, OutMessage } from './outbound.ts'
import { entryMessage, newCycle, snapshotMessages, type Chain, type StateMessage } from './state.ts'
import type { Transactor } from './transactor.ts'

/** An outcome on its way to the topics. */
export interface Waiting {
  readonly messages: readonly Message[]
  readonly next: bigint // where reading goes on after it
  readonly outcome: Outcome
}

export interface JournalOptions {
  readonly owner: string
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly stateTopic: string
  readonly snapshotEvery: number | undefined // messages
  readonly judgedBy: string // what evidence depends on beside the records
  readonly outbound: (outcome: Outcome) => readonly Outbound[]
  readonly stored: (bytes: number) => void // is told of each snapshot once it is durable
}

/** Writes outcomes together with what has to be remembered of them, and acknowledges them, in one transaction. */
export interface Journal {
  write(outcomes: readonly Waiting[]): Promise<void>
  /** Stores a beginning: a snapshot, or nothing, at an offset that is committed with it. */
  begin(next: bigint, snapshot: Uint8Array | null): Promise<void>
  /** Whether batches were committed since the last snapshot; with an age in ms, whether that one is older too. */
  isBehind(olderThanMs?: number): boolean
  /** Whether a snapshot should be taken after the batch that comes now. */
  wantsSnapshot(messages: number, bytes: number): boolean
}

// A snapshot costs bytes on the topic, its absence time at recovery: unless told otherwise, about a second, and no
// more than 50 bytes a message.
const messagesAtLeast = 10_000
const bytesAtLeast = 16 * 2 ** 20

/** Where a journal goes on. */
export type Standing = Chain & { readonly committed: bigint; readonly stateFrom: bigint }

/** Goes on where `chain` ends; without one, `begin` comes first. */
export function openJournal(transactor: Transactor, chain: Standing | null, options: JournalOptions): Journal {
  const { owner, group, topic, partition, stateTopic, snapshotEvery, judgedBy } = options
  let cycle = chain?.cycle ?? newCycle()
  let entries = chain?.entries ?? 0
  let after = chain?.committed ?? 0n
  let stateFrom = chain?.stateFrom ?? null
  // A snapshot holds up all partitions that its thread judges, so those that began together take theirs one after the
  // other.
  const early = chain === null ? (partition % 4) / 4 : 0
  const before = chain?.ranges.reduce((sum, range) => sum + range.messages, 0)
  let messages = before ?? early * (snapshotEvery ?? messagesAtLeast) // since the last snapshot
  let bytes = early * bytesAtLeast
  let snapshotBytes = chain?.snapshot?.length ?? 0
  let behind = chain !== null && chain.ranges.length > 0
  let since = Date.now() // when the cycle began, or was gone on with

  /** `begins`: the state messages are what the evidence is read back from. */
  const commit = async (state: readonly StateMessage[], begins: boolean, rest: readonly Outbound[], next: bigint) => {
    const timestamp = String(Date.now())
    const first = {
      topic: stateTopic,
      messages: state.map((message): OutMessage => ({ ...message, timestamp, partition })),
    }
    const at = { group, topic, partition, next, stateFrom: begins ? null : stateFrom }
    const written = await transactor.write(first, rest, at)
    if (begins) stateFrom = written
    after = next
  }

  const beginCycle = async (snapshot: Uint8Array | null, rest: readonly Outbound[], next: bigint) => {
    cycle = newCycle()
    const state =
      snapshot === null
        ? [entryMessage(owner, 0, { cycle, judgedBy, after: next, next, ranges: [] })]
        : snapshotMessages(owner, { cycle, next, bytes: snapshot })
    await commit(state, true, rest, next)
    entries = snapshot === null ? 1 : 0
    behind = false
    since = Date.now()
    if (snapshot === null) return
    snapshotBytes = snapshot.length
    options.stored(snapshot.length)
  }

  return {
    begin: (next, snapshot) => beginCycle(snapshot, [], next),
    async write(outcomes) {
      const last = outcomes.at(-1)
      if (last === undefined) return
      const rest = outcomes.flatMap(({ outcome }) => options.outbound(outcome))
      const { snapshot } = last.outcome
      if (snapshot !== null) {
        await beginCycle(snapshot, rest, last.next)
        return
      }
      const ranges = outcomes.map(({ messages: batch, outcome: { unscored } }) => ({
        first: batch[0]?.at.offset ?? 0n,
        last: batch.at(-1)?.at.offset ?? 0n,
        messages: batch.length,
        unscored,
      }))
      const entry = { cycle, judgedBy, after, next: last.next, ranges }
      await commit([entryMessage(owner, entries, entry)], false, rest, last.next)
      entries++
      behind = true
    },
    isBehind: (olderThanMs = 0) => behind && Date.now() - since >= olderThanMs,
    wantsSnapshot(batchMessages, batchBytes) {
      messages += batchMessages
      bytes += batchBytes
      const due =
        messages >= (snapshotEvery ?? Math.max(messagesAtLeast, snapshotBytes / 50)) ||
        bytes >= Math.max(bytesAtLeast, snapshotBytes * 10)
      if (due) messages = bytes = 0
      return due
    },
  }
}
