import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import {
  chainTo,
  entryMessage,
  newCycle,
  openStored,
  snapshotMessages,
  stateOwner,
  type Range,
  type StateMessage,
} from '../../src/kafka/state.ts'

const owner = stateOwner('group', 'topic', 3)
const judgedBy = 'a baseline and a budget'

interface Step {
  readonly batches: number
  readonly snapshot: number | null // bytes
}

const steps = fc.array(
  fc.record({
    batches: fc.integer({ min: 1, max: 4 }),
    snapshot: fc.option(fc.integer({ min: 0, max: 1_400_000 }), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 20 },
)

/** What transactions leave in the topic, and what recovery has to find. */
function play(script: readonly Step[], start: bigint) {
  const log: StateMessage[] = []
  let cycle = newCycle()
  let next = start
  let entries = 1
  let ranges: Range[] = []
  let snapshot: Uint8Array | undefined
  log.push(entryMessage(owner, 0, { cycle, judgedBy, after: next, next, ranges: [] }))
  for (const step of script) {
    const after = next
    const own: Range[] = Array.from({ length: step.batches }, (_, i) => {
      const first = next
      next += 3n
      return { first, last: first + 2n, messages: 3, unscored: i === 2 }
    })
    if (step.snapshot === null) {
      log.push(entryMessage(owner, entries++, { cycle, judgedBy, after, next, ranges: own }))
      ranges.push(...own)
    } else {
      cycle = newCycle()
      snapshot = new Uint8Array(step.snapshot).fill(Number(next % 251n))
      log.push(...snapshotMessages(owner, { cycle, next, bytes: snapshot }))
      entries = 0
      ranges = []
    }
  }
  return { log, next, ranges, snapshot, entries, cycle }
}

function read(log: readonly StateMessage[]) {
  const stored = openStored(owner)
  log.forEach((message, i) =>
    stored.add({
      ...message,
      at: { topic: 'state', partition: 3, offset: BigInt(i) },
      timestamp: 0,
    } satisfies Message),
  )
  return stored
}

const digest = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? 'none' : createHash('sha256').update(bytes).digest('hex')

const latestOfEachKey = (log: readonly StateMessage[]) =>
  log.filter((message, i) => !log.slice(i + 1).some(({ key }) => Buffer.compare(key, message.key) === 0))

describe('stored evidence', () => {
  it('leads from the last snapshot to the committed offset, compacted or not', () => {
    fc.assert(
      fc.property(steps, fc.bigInt({ min: 0n, max: 2n ** 60n }), (script, start) => {
        const { log, next, ranges, snapshot, entries, cycle } = play(script, start)
        for (const kept of [log, latestOfEachKey(log)]) {
          const chain = chainTo(next, read(kept))
          expect(chain.ranges).toEqual(ranges)
          expect(chain.entries).toBe(entries)
          expect(chain.cycle).toBe(cycle)
          expect(digest(chain.snapshot)).toBe(digest(snapshot))
        }
      }),
      { seed: 4, numRuns: 60 },
    )
  })

  it('is refused where a message of the last cycle is missing, cut or changed', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.constantFrom('drop', 'cut', 'change'), (script, pick, damage) => {
        const { log, next } = play(script, 7n)
        const kept = latestOfEachKey(log)
        const whole = chainTo(next, read(kept))
        const needed = kept.filter((_, i) => differs(() => chainTo(next, read(kept.toSpliced(i, 1))), whole))
        const at = kept.indexOf(needed[pick % needed.length] ?? ({} as StateMessage))
        const message = kept[at]
        if (message === undefined) return
        const value = Buffer.from(message.value)
        if (damage === 'change' && value.length > 0) value[value.length >> 1] = (value[value.length >> 1] ?? 0) ^ 255
        const damaged =
          damage === 'drop'
            ? kept.toSpliced(at, 1)
            : kept.toSpliced(at, 1, {
                ...message,
                value: damage === 'cut' ? value.subarray(0, value.length >> 1) : value,
              })
        if (damage !== 'drop' && message.value.length === 0) return
        expect(() => chainTo(next, read(damaged))).toThrow(/--rebuild-evidence/)
      }),
      { seed: 5, numRuns: 15 },
    )
  })

  it('is refused where another offset is committed, and where nothing is stored', () => {
    const { log, next } = play([{ batches: 2, snapshot: null }], 0n)
    expect(() => chainTo(next + 1n, read(log))).toThrow(/leads to offset 6, but offset 7 is committed/)
    expect(() => chainTo(next, read([]))).toThrow(/nothing is stored/)
  })

  it('does not mix owners, though one name begins with the other', () => {
    const other = openStored(stateOwner('group', 'topic', 33))
    for (const message of play([{ batches: 1, snapshot: 5 }], 0n).log)
      other.add({ ...message, at: { topic: 'state', partition: 3, offset: 0n }, timestamp: 0 })
    expect(other.entries.size + other.parts.size).toBe(0)
  })
})

function differs(attempt: () => unknown, whole: unknown): boolean {
  try {
    return JSON.stringify(attempt(), replacer) !== JSON.stringify(whole, replacer)
  } catch {
    return true
  }
}

const replacer = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
