import { TasterError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import type { Opened } from '../engine/desk.ts'
import { startLearning, type Learning } from '../engine/learning.ts'
import { failuresInARow, remeasure, type Setup } from '../engine/line.ts'
import { openBatches, type BatchRules } from './batches.ts'
import type { Reader } from './reader.ts'
import { broken, openStored, type Chain, type Range, type Stored } from './state.ts'

/** What a partition goes on from. */
export interface Restored {
  readonly learning: Learning
  readonly remeasured: number // records
}

/**
 * What the state topic holds of an owner, from an offset on, or all of it. Where a transaction of another owner is open
 * there it is waited for, since what was committed behind it cannot be read before. Throws STATE_BROKEN.
 */
export async function readStored(
  state: Reader,
  owner: string,
  from: bigint | null,
): Promise<Stored & { readonly stateFrom: bigint }> {
  const { start, written } = await state.bounds()
  const stateFrom = from ?? start
  if (stateFrom < start) throw broken(`the state topic begins at offset ${start}, but it stood at ${stateFrom}`)
  const stored = openStored(owner)
  for await (const messages of span(state, stateFrom, written)) for (const message of messages) stored.add(message)
  return { ...stored, stateFrom }
}

/** Goes on from a snapshot by judging the ranges behind it again. Throws STATE_BROKEN where they are not there any more. */
export async function restore(input: Reader, opened: Opened, setup: Setup, chain: Chain): Promise<Restored> {
  const learning = await startLearning(opened, setup.verify, chain.snapshot && { snapshot: chain.snapshot })
  const { start, written } = await input.bounds()
  const first = chain.ranges.find(({ unscored }) => !unscored)?.first
  const last = chain.ranges.findLast(({ unscored }) => !unscored)?.last
  if (first !== undefined && first < start)
    throw broken(`the input topic begins at offset ${start}, but offset ${first} has to be judged again`)
  if (last !== undefined && last >= written)
    throw broken(`the input topic ends at offset ${written}, but offset ${last} has to be judged again`)
  const { records } = await remeasure(inRanges(input, chain.ranges), learning, setup)
  return { learning, remeasured: records }
}

/**
 * Judges again all that the topic still holds below the committed offset, in batches as if it came now. Batches that
 * begin at an offset among the `deadly` are left out; one that turns out to be deadly is added to them.
 */
export async function rebuild(
  input: Reader,
  opened: Opened,
  setup: Setup,
  rules: BatchRules,
  committed: bigint,
  deadly: Set<bigint>,
): Promise<Restored> {
  const learning = await startLearning(opened, setup.verify)
  const { start, written } = await input.bounds()
  if (committed > written)
    throw new TasterError(
      'OFFSET_OUT_OF_RANGE',
      `The group has committed offset ${committed}, and the input topic ends at offset ${written}: ` +
        'set the offset to where the group is to go on (kafka-consumer-groups --reset-offsets)',
    )
  const batches = leftOut(inBatches(input, rules, start, committed), deadly)
  const { records } = await remeasure(batches, learning, setup, ({ offset }) => deadly.add(offset))
  return { learning, remeasured: records }
}

async function* leftOut(batches: AsyncIterable<readonly Message[]>, deadly: ReadonlySet<bigint>) {
  let inARow = 0
  for await (const batch of batches) {
    const offset = batch[0]?.at.offset ?? -1n
    inARow = deadly.has(offset) ? inARow + 1 : 0
    if (inARow >= failuresInARow)
      throw new TasterError(
        'DETECTOR_FAILED',
        `${inARow} batches in a row, up to offset ${offset}, cannot be judged again`,
      )
    if (inARow === 0) yield batch
  }
}

/** The messages of a partition from an offset up to, and without, another. */
async function* span(reader: Reader, from: bigint, to: bigint): AsyncGenerator<readonly Message[]> {
  for (let at = from; at < to;) {
    const { messages, next } = await reader.fetch(at)
    at = next
    yield messages.filter((message) => message.at.offset < to)
  }
}

async function* inBatches(reader: Reader, rules: BatchRules, from: bigint, to: bigint) {
  const batches = openBatches(rules)
  for await (const messages of span(reader, from, to)) {
    batches.add(messages)
    for (let batch = batches.take(false); batch !== null; batch = batches.take(false)) yield batch
  }
  for (let batch = batches.rest(); batch !== null; batch = batches.rest()) yield batch
}

/** The batches of ranges, exactly as they were. */
async function* inRanges(reader: Reader, ranges: readonly Range[]): AsyncGenerator<readonly Message[]> {
  const scored = ranges.filter(({ unscored }) => !unscored)
  const [first, last] = [scored[0], scored.at(-1)]
  if (first === undefined || last === undefined) return
  let at = 0
  let batch: Message[] = []
  for await (const messages of span(reader, first.first, last.last + 1n))
    for (const message of messages) {
      const range = scored[at]
      if (range === undefined || message.at.offset < range.first) continue // of a batch that was not judged
      batch.push(message)
      if (message.at.offset < range.last) continue
      if (batch.length !== range.messages || message.at.offset !== range.last)
        throw broken(
          `offsets ${range.first} to ${range.last} of the input topic held ${range.messages} messages, and now hold others`,
        )
      yield batch
      batch = []
      at++
    }
  if (at < scored.length) throw broken(`the input topic does not hold offset ${scored[at]?.last} any more`)
}

/** Where a group stands, and where its evidence begins in the state topic. Null: it has committed nothing. */
export function committedOf(
  offsets: readonly { readonly partition: number; readonly offset: string; readonly metadata: string | null }[],
  partition: number,
): { readonly offset: bigint; readonly stateFrom: bigint | null } | null {
  const own = offsets.find((each) => each.partition === partition)
  if (own === undefined)
    throw new TasterError('BROKER_UNAVAILABLE', `The broker does not know of partition ${partition} yet`)
  const offset = BigInt(own.offset)
  if (offset < 0n) return null
  const [, stateFrom] = /^\{"state":"(\d{1,19})"\}$/.exec(own.metadata ?? '') ?? []
  return { offset, stateFrom: stateFrom === undefined ? null : BigInt(stateFrom) }
}
