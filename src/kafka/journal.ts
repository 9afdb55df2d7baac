import type { Outcome } from '../core/line.ts'
import type { Message } from '../core/message.ts'
import type { Outbound, OutMessage } from './outbound.ts'
import { entryMessage, newCycle, snapshotMessages, type Chain, type StateMessage } from './state.ts'
import type { Transactor } from './transactor.ts'

export interface Written {
  readonly messages: readonly Message[]
  readonly next: bigint
  readonly outcome: Outcome
}

export interface JournalOptions {
  readonly owner: string
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly stateTopic: string
  readonly snapshotEvery: number | undefined // messages
  readonly outbound: (outcome: Outcome) => readonly Outbound[]
  readonly stored: (bytes: number) => void // is told of each snapshot once it is durable
}

/** Writes outcomes together with what has to be remembered of them, and acknowledges them, in one transaction. */
export interface Journal {
  write(outcomes: readonly Written[]): Promise<void>
  /** Stores a beginning: a snapshot, or nothing, at an offset that is committed with it. */
  begin(next: bigint, snapshot: Uint8Array | null): Promise<void>
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
  const { owner, group, topic, partition, stateTopic, snapshotEvery } = options
  let cycle = chain?.cycle ?? newCycle()
  let entries = chain?.entries ?? 0
  let after = chain?.committed ?? 0n
  let stateFrom = chain?.stateFrom ?? null
  let messages = chain?.ranges.reduce((sum, range) => sum + range.messages, 0) ?? 0 // since the last snapshot
  let bytes = 0
  let snapshotBytes = chain?.snapshot?.length ?? 0

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
        ? [entryMessage(owner, 0, { cycle, after: next, next, ranges: [] })]
        : snapshotMessages(owner, { cycle, next, bytes: snapshot })
    await commit(state, true, rest, next)
    entries = snapshot === null ? 1 : 0
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
      await commit([entryMessage(owner, entries, { cycle, after, next: last.next, ranges })], false, rest, last.next)
      entries++
    },
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
