import type { Opened } from '../engine/desk.ts'
import type { Learning } from '../engine/learning.ts'
import type { BatchRules } from './batches.ts'
import type { Context } from './context.ts'
import { kafkaFailure } from './failure.ts'
import { openJournal, type Journal, type JournalOptions } from './journal.ts'
import { outboundOf } from './outbound.ts'
import { openReader, type Reader } from './reader.ts'
import { committedOf, readStored, rebuild, restore } from './restore.ts'
import { broken, chainTo, stateOwner } from './state.ts'
import type { Transactor } from './transactor.ts'

/** A partition that is ours, as its last owner left it. */
export interface Taken {
  readonly journal: Journal
  readonly learning: Learning
  readonly remeasured: number // records judged again to restore the evidence
  readonly from: bigint // offset to read from
}

export interface TakeoverOptions {
  readonly baseline: Opened
  readonly transactor: Transactor // open, so that nobody else moves the offset any more
  readonly reader: Reader // of the input partition
  readonly rules: BatchRules
  readonly rebuild: boolean
  readonly signal: AbortSignal // aborts once the partition is not ours any more: restoring evidence may take long
}

const nothing = { cycle: '', entries: 0, snapshot: undefined, ranges: [] }

/** Finds where the group stands, and what it had learnt there. Throws STATE_BROKEN where the two do not agree. */
export async function takeOver(context: Context, partition: number, options: TakeoverOptions): Promise<Taken> {
  const { client, topics, setup, pipeline } = context
  const { baseline, transactor, rules, signal } = options
  const reader = untilAborted(options.reader, signal)
  const owner = stateOwner(topics.group, topics.input, partition)
  const ofJournal = journalOptions(context, owner, partition)
  const committed = committedOf(await offsetsOf(client, topics.group, topics.input), partition)

  if (options.rebuild && committed !== null) {
    const rebuilt = await rebuild(reader, baseline, setup, rules, committed.offset)
    const journal = openJournal(transactor, null, ofJournal)
    await journal.begin(committed.offset, await rebuilt.learning.snapshot())
    return { journal, ...rebuilt, from: committed.offset }
  }

  const state = await openReader(client, topics.state, partition)
  try {
    const stored = await readStored(untilAborted(state, signal), owner, committed?.stateFrom ?? null)
    if (committed === null) {
      const isNew = stored.entries.size === 0 && stored.parts.size === 0
      if (!isNew && !options.rebuild) throw broken(`group ${topics.group} has lost its committed offset`)
      const { start, end } = await reader.bounds()
      // A partition that was added to the topic meanwhile may have got records before anyone could know of it.
      const from = pipeline.input.from === 'latest' && partition < context.inputPartitions ? end : start
      const begun = await restore(reader, baseline, setup, nothing)
      const journal = openJournal(transactor, null, ofJournal)
      await journal.begin(from, null)
      return { journal, ...begun, from }
    }
    const chain = chainTo(committed.offset, stored)
    const restored = await restore(reader, baseline, setup, chain)
    const { stateFrom } = stored
    const journal = openJournal(transactor, { ...chain, committed: committed.offset, stateFrom }, ofJournal)
    return { journal, ...restored, from: committed.offset }
  } finally {
    await state.close()
  }
}

function untilAborted(reader: Reader, signal: AbortSignal): Reader {
  return {
    ...reader,
    async fetch(offset) {
      signal.throwIfAborted()
      return reader.fetch(offset)
    },
  }
}

function journalOptions(context: Context, owner: string, partition: number): JournalOptions {
  const { topics, setup, pipeline, eventPartitions, notify } = context
  const origin = {
    pipeline: pipeline.name,
    baseline: setup.baselineDigest,
    policy: setup.policyDigest,
    eventPartitions,
    headerStyle: pipeline.output.originHeaders,
  }
  return {
    owner,
    group: topics.group,
    topic: topics.input,
    partition,
    stateTopic: topics.state,
    snapshotEvery: pipeline.output.snapshotEvery,
    outbound: (outcome) => outboundOf(outcome, topics, origin),
    stored: (bytes) => notify({ kind: 'evidence', partition, bytes }),
  }
}

async function offsetsOf(client: Context['client'], groupId: string, topic: string) {
  const admin = client.kafka.admin()
  try {
    await admin.connect()
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return offsets?.partitions ?? []
  } catch (error) {
    throw kafkaFailure(error, `reading the offsets of group ${groupId}`)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
