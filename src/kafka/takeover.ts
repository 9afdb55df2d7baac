import { setTimeout as sleep } from 'node:timers/promises'
import { TasterError } from '../core/errors.ts'
import type { Opened } from '../engine/desk.ts'
import type { Learning } from '../engine/learning.ts'
import type { BatchRules } from './batches.ts'
import type { Context } from './context.ts'
import { kafkaFailure } from './failure.ts'
import { openJournal, type Journal, type JournalOptions } from './journal.ts'
import { outboundOf } from './outbound.ts'
import { openReader, type Reader } from './reader.ts'
import { committedOf, readStored, rebuild, restore } from './restore.ts'
import { broken, chainOf, chainTo, stateOwner, type Stored } from './state.ts'
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
  readonly rebuild: boolean // evidence that cannot be used is made anew
  readonly deadly: Set<bigint> // offsets of batches that ended their judge when evidence was made anew
  readonly signal: AbortSignal // aborts once the partition is not ours any more: restoring evidence may take long
}

const nothing = { cycle: '', entries: 0, snapshot: undefined, ranges: [], judgedBy: [] }

/**
 * Finds where the group stands, and what it had learnt there. Throws STATE_BROKEN where the two do not agree; where it
 * may be rebuilt, the evidence is made anew instead, from what the input topic still holds.
 */
export async function takeOver(context: Context, partition: number, options: TakeoverOptions): Promise<Taken> {
  const { client, topics } = context
  const { signal } = options
  const owner = stateOwner(topics.group, topics.input, partition)
  let committed = committedOf(await offsetsOf(client, topics.group, topics.input), partition)
  const state = await openReader(client, topics.state, partition)
  const read = () => readStored(untilAborted(state, signal), owner, committed?.stateFrom ?? null)
  const within = { ...options, reader: untilAborted(options.reader, signal) }
  try {
    let stored = await read()
    // Brokers before 4.0 may show the offsets of a transaction a moment after everything else of it.
    for (let again = 0; again < 10 && committed !== null && isAhead(stored, committed.offset); again++) {
      await sleep(300, undefined, { signal })
      committed = committedOf(await offsetsOf(client, topics.group, topics.input), partition)
      stored = await read()
    }
    return committed === null
      ? await beginning(context, partition, within, stored)
      : await asLeft(context, partition, within, { committed: committed.offset, stored })
  } catch (error) {
    if (!options.rebuild || !(error instanceof TasterError) || error.code !== 'STATE_BROKEN') throw error
    const reached = committed?.offset ?? (await reachedBy(read))
    if (reached === null) throw error
    return await anew(context, partition, within, reached)
  } finally {
    await state.close()
  }
}

function isAhead(stored: Stored, committed: bigint): boolean {
  return (chainOf(stored)?.next ?? 0n) > committed
}

/** Begins where nobody has been before. */
async function beginning(
  context: Context,
  partition: number,
  { baseline, reader, transactor }: TakeoverOptions,
  stored: Stored,
): Promise<Taken> {
  const { setup, pipeline, inputPartitions } = context
  const { start, end, written } = await reader.bounds()
  if (stored.entries.size > 0 || stored.parts.size > 0) throw lost(context, partition, { stored, written })
  // A partition that was added to the topic meanwhile may have got records before anyone could know of it.
  const from = pipeline.input.from === 'latest' && partition < inputPartitions ? end : start
  const begun = await restore(reader, baseline, setup, nothing)
  const journal = openJournal(transactor, null, journalOptions(context, partition))
  await journal.begin(from, null)
  return { journal, ...begun, from }
}

/** Goes on where the last owner stood. */
async function asLeft(
  context: Context,
  partition: number,
  { baseline, reader, transactor }: TakeoverOptions,
  { committed, stored }: { readonly committed: bigint; readonly stored: Stored & { readonly stateFrom: bigint } },
): Promise<Taken> {
  const chain = chainTo(committed, stored)
  const other = chain.judgedBy.find((by) => by !== judgedByOf(context))
  if (other !== undefined)
    throw broken(`it was gathered with another baseline or budget (${other}; now ${judgedByOf(context)})`)
  context.notify({ kind: 'evidence', partition, bytes: chain.snapshot?.length ?? 0 })
  const restored = await restore(reader, baseline, context.setup, chain)
  const standing = { ...chain, committed, stateFrom: stored.stateFrom }
  return {
    journal: openJournal(transactor, standing, journalOptions(context, partition)),
    ...restored,
    from: committed,
  }
}

/** Goes on at an offset with evidence that is made anew. */
async function anew(
  context: Context,
  partition: number,
  { baseline, reader, transactor, rules, deadly }: TakeoverOptions,
  from: bigint,
): Promise<Taken> {
  const rebuilt = await rebuild(reader, baseline, context.setup, rules, from, deadly)
  const journal = openJournal(transactor, null, journalOptions(context, partition))
  await journal.begin(from, await rebuilt.learning.snapshot())
  return { journal, ...rebuilt, from }
}

/** The offset that stored evidence leads to; null where it cannot be told. */
async function reachedBy(read: () => Promise<Stored>): Promise<bigint | null> {
  try {
    return chainOf(await read())?.next ?? null
  } catch (error) {
    if (error instanceof TasterError && error.code === 'STATE_BROKEN') return null
    throw error
  }
}

function lost(
  { topics: { group, input } }: Context,
  partition: number,
  { stored, written }: { readonly stored: Stored; readonly written: bigint },
): TasterError {
  const reached = chainOf(stored)?.next ?? null
  const setting = 'set it with kafka-consumer-groups --reset-offsets, and start once with --rebuild-evidence'
  const why =
    `group ${group} has lost its committed offset of partition ${partition} of ${input}` +
    (reached === null ? '' : `, though its evidence reaches to offset ${reached}`)
  if (reached === null) return broken(why, undefined, `To go on, ${setting}`)
  if (reached > written)
    return broken(`${why}, beyond the topic's end at ${written}`, undefined, `To go on, ${setting}`)
  return broken(
    why,
    undefined,
    `Start once with --rebuild-evidence to go on from there; to go on from another offset, ${setting}`,
  )
}

function judgedByOf({ setup, pipeline: { budget } }: Context): string {
  return `${setup.baselineDigest}, ${budget.falseAlarms} in ${budget.batches} batches`
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

function journalOptions(context: Context, partition: number): JournalOptions {
  const { topics, setup, pipeline, eventPartitions, notify } = context
  const origin = {
    pipeline: pipeline.name,
    baseline: setup.baselineDigest,
    policy: setup.policyDigest,
    eventPartitions,
    headerStyle: pipeline.output.originHeaders,
  }
  return {
    owner: stateOwner(topics.group, topics.input, partition),
    group: topics.group,
    topic: topics.input,
    partition,
    stateTopic: topics.state,
    snapshotEvery: pipeline.output.snapshotEvery,
    judgedBy: judgedByOf(context),
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
