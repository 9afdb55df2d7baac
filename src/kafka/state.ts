import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { TasterError } from '../core/errors.ts'
import { header, type Header, type Message } from '../core/message.ts'

/**
 * What a partition's line has learnt, as it stands in the compacted state topic: a snapshot now and then, and after it
 * one journal entry a transaction with the ranges of the batches that were committed since. A snapshot begins a new
 * cycle, and entries are numbered within their cycle, so that the entries of one cycle replace those of the last.
 */
export interface Range {
  readonly first: bigint // offset of a batch's first message
  readonly last: bigint // and of its last
  readonly messages: number
  readonly unscored: boolean // nothing was learnt from it
}

export interface Entry {
  readonly cycle: string
  readonly judgedBy: string // baseline and budget: what the evidence of the ranges depends on beside the records
  readonly after: bigint // where the entry before, or the snapshot, left off
  readonly next: bigint // where it leaves off itself: the offset committed with it
  readonly ranges: readonly Range[]
}

export interface Snapshot {
  readonly cycle: string
  readonly next: bigint // the offset committed with it
  readonly bytes: Uint8Array
}

export interface StateMessage {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly headers: readonly Header[]
}

/** Whose state it is: the beginning of all its keys. */
export function stateOwner(group: string, topic: string, partition: number): string {
  return JSON.stringify([group, topic, partition])
}

export const newCycle = (): string => randomUUID()

const partBytes = 512 * 1024
const snapshotHeader = 'taster-snapshot'

const offset = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
const entryShape = z.strictObject({
  cycle: z.string(),
  judgedBy: z.string(),
  after: offset,
  next: offset,
  ranges: z.array(
    z.strictObject({ first: offset, last: offset, messages: z.int().min(1), unscored: z.literal(true).optional() }),
  ),
})
const partShape = z.strictObject({
  cycle: z.string(),
  next: offset,
  part: z.int().min(0),
  parts: z.int().min(1).max(100_000),
  sha256: z.string(),
})

export function entryMessage(
  owner: string,
  index: number,
  { cycle, judgedBy, after, next, ranges }: Entry,
): StateMessage {
  const value = {
    cycle,
    judgedBy,
    after: String(after),
    next: String(next),
    ranges: ranges.map(({ first, last, messages, unscored }) => ({
      first: String(first),
      last: String(last),
      messages,
      ...(unscored && { unscored }),
    })),
  }
  return { key: Buffer.from(`${owner} entry ${index}`), value: Buffer.from(JSON.stringify(value)), headers: [] }
}

export function snapshotMessages(owner: string, { cycle, next, bytes }: Snapshot): StateMessage[] {
  const parts = Math.max(1, Math.ceil(bytes.length / partBytes))
  const sha256 = digest(bytes)
  return Array.from({ length: parts }, (_, part) => ({
    key: Buffer.from(`${owner} snapshot ${part}`),
    value: bytes.subarray(part * partBytes, (part + 1) * partBytes),
    headers: [[snapshotHeader, Buffer.from(JSON.stringify({ cycle, next: String(next), part, parts, sha256 }))]],
  }))
}

/** Everything that is stored for one owner, the latest of each key. */
export interface Stored {
  readonly parts: ReadonlyMap<number, Part>
  readonly entries: ReadonlyMap<number, Entry>
}

interface Part extends z.infer<typeof partShape> {
  readonly bytes: Uint8Array
}

/** Collects what is stored for an owner. Throws STATE_BROKEN where a message of its is not readable. */
export function openStored(owner: string): Stored & { add(message: Message): void } {
  const parts = new Map<number, Part>()
  const entries = new Map<number, Entry>()
  const readable = (shape: () => unknown, what: string): never | void => {
    try {
      shape()
    } catch (error) {
      throw broken(`${what} cannot be read`, error)
    }
  }
  return {
    parts,
    entries,
    add(message) {
      const key = Buffer.from(message.key ?? []).toString()
      if (!key.startsWith(`${owner} `)) return
      const [kind = '', index = ''] = key.slice(owner.length + 1).split(' ')
      const value = message.value
      const place = `the ${kind} at offset ${message.at.offset} of ${message.at.topic}`
      if (value === null) {
        const map = kind === 'snapshot' ? parts : entries
        map.delete(Number(index))
      } else if (kind === 'entry')
        readable(() => {
          const { ranges, ...entry } = entryShape.parse(
            JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)),
          )
          const read = ranges.map(({ unscored = false, ...range }) => ({ ...range, unscored }))
          entries.set(Number(index), { ...entry, ranges: read })
        }, place)
      else
        readable(() => {
          const part = partShape.parse(JSON.parse(header(message, snapshotHeader) ?? ''))
          parts.set(part.part, { ...part, bytes: value })
        }, place)
    },
  }
}

/** What leads from nothing to the committed offset. */
export interface Chain {
  readonly cycle: string
  readonly entries: number // of the cycle so far
  readonly snapshot: Uint8Array | undefined
  readonly ranges: readonly Range[] // to measure again, in order, on top of the snapshot
  readonly judgedBy: readonly string[] // what they were judged by, each once
}

/** Throws STATE_BROKEN where what is stored does not lead to the committed offset without a gap. */
export function chainTo(committed: bigint, stored: Stored): Chain {
  const chain = chainOf(stored)
  if (chain === null) throw broken(`nothing is stored, though offset ${committed} is committed`)
  if (chain.next !== committed) throw broken(`it leads to offset ${chain.next}, but offset ${committed} is committed`)
  return chain
}

/** What is stored, as far as it leads; null where nothing is. Throws STATE_BROKEN where it has no beginning. */
export function chainOf({ parts, entries }: Stored): (Chain & { readonly next: bigint }) | null {
  const [head] = parts.values()
  const snapshot = head === undefined ? null : assemble(parts)
  const anchor = entries.get(0)
  if (snapshot === null && anchor === undefined) return null
  const cycle = snapshot?.cycle ?? anchor?.cycle ?? ''
  if (snapshot === null && anchor?.after !== anchor?.next) throw broken('its beginning is missing')

  const ranges: Range[] = []
  const judgedBy = new Set<string>()
  let at = snapshot?.next ?? anchor?.after ?? 0n
  let count = 0
  for (;;) {
    const entry = entries.get(count)
    if (entry === undefined || entry.cycle !== cycle || entry.after !== at) break
    for (const range of entry.ranges) ranges.push(range)
    judgedBy.add(entry.judgedBy)
    at = entry.next
    count++
  }
  return { cycle, entries: count, snapshot: snapshot?.bytes, ranges, judgedBy: [...judgedBy], next: at }
}

/** The parts that the last snapshot consists of; those of an older, longer one may still lie behind them. */
function assemble(parts: ReadonlyMap<number, Part>): Snapshot {
  const first = parts.get(0)
  if (first === undefined) throw broken('the first part of its snapshot is missing')
  const bytes = Buffer.concat(
    Array.from({ length: first.parts }, (_, i) => {
      const part = parts.get(i)
      if (part === undefined || part.cycle !== first.cycle)
        throw broken(`part ${i + 1} of ${first.parts} of its snapshot is missing`)
      return part.bytes
    }),
  )
  if (digest(bytes) !== first.sha256) throw broken('its snapshot does not have the checksum that it was stored with')
  return { cycle: first.cycle, next: first.next, bytes }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const rebuilding =
  'Start once with --rebuild-evidence: it judges again what the input topic still holds up to the committed offset, ' +
  'tells nobody, and stores the result'

export function broken(why: string, cause?: unknown, remedy = rebuilding): TasterError {
  return new TasterError(
    'STATE_BROKEN',
    `The stored evidence cannot be used: ${why}. Nothing is judged without it. ${remedy}`,
    cause === undefined ? {} : { cause },
  )
}
