import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { fitBaseline } from '../../src/baseline/fit.ts'
import { TasterError } from '../../src/core/errors.ts'
import type { Delivery, Outcome, Source } from '../../src/core/line.ts'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openJudge, type Judge } from '../../src/engine/judge.ts'
import { startLearning } from '../../src/engine/learning.ts'
import { remeasure, run, type Setup } from '../../src/engine/line.ts'
import { normal, random } from '../../src/stats/random.ts'
import { append, memoryLog, openMemory, type MemoryLog } from '../contract/memory-log.ts'
import { gaussianRecords } from '../unit/baseline/gaussian-records.ts'

// A line is stopped in every way that there is, any number of times, and picked up again from what was committed.
const dims = 8
const size = 10
const batches = 24
const budget = { falseAlarms: 1, batches: 20 } // so that alarms come and go
const setup: Setup = {
  pipeline: 'test',
  fields: { id: 'id', source: 'source', label: 'label', labelRequired: true, content: { kind: 'vector', column: 'vector', dims } }, // prettier-ignore
  limits: defaultLimits,
  verify: { uniqueIds: true },
  policy: { onFinding: 'quarantine', granularity: 'record' },
  policyDigest: 'policy',
  baselineDigest: 'baseline',
  engine: '0',
}

/** Two labels, one source that flips them for a while, repeated ids, and messages that are no records. */
const values: readonly string[] = Array.from({ length: size * batches - 3 }, (_, i) => {
  const uniform = random(i + 1)
  if (i % 37 === 5) return '{"cut'
  const content = i % 2
  const flipped = i % 3 === 0 && i > 40 && i < 160
  const vector = Array.from({ length: dims }, (_each, j) => normal(uniform) + (j === content ? 3 : 0))
  const label = 'ab'[flipped ? 1 - content : content]
  return JSON.stringify({ id: i % 29 === 7 ? 'twice' : `r${i}`, source: `source ${i % 3}`, label, vector })
})

let baseline: Baseline
beforeAll(async () => {
  baseline = await fitBaseline({
    records: gaussianRecords(600, { dims }),
    encoder: { name: 'vector', params: {} },
    seed: 1,
    engineVersion: '0',
  })
})

type Fault = 'commit refused' | 'commit not acknowledged' | 'told to stop' | 'judge lost'
interface Life {
  readonly fault: Fault | null
  readonly after: number // commits
}
interface Perishable extends Source {
  underway(): number // commits
}
interface World {
  readonly hangs: ReadonlySet<number> // batches that take for ever to judge
  readonly uncommitted: number
  readonly snapshotEvery: number
}

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))
const crash = new Error('the process ended')

/** A judge whose thread is ended by a batch that hangs, and, where told so, by itself. */
function mortal(judge: Judge, hangs: ReadonlySet<number>, lostAt: number): Judge {
  let asked = 0
  let lost = false
  const alive = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (lost) throw new TasterError('JUDGE_LOST', 'gone')
    return ask()
  }
  return {
    judge: (records, at) =>
      alive(() => {
        lost = asked++ === lostAt
        if (lost) throw new TasterError('JUDGE_LOST', 'gone')
        if (!hangs.has(Number(at.offset) / size)) return judge.judge(records, at)
        lost = true
        throw new TasterError('DETECTOR_TIMED_OUT', 'too slow')
      }),
    snapshot: () => alive(() => judge.snapshot()),
    close: () => judge.close(),
  }
}

/** The log as a source whose process can end at a commit, before or after it takes effect. */
function perishable(log: MemoryLog, { fault, after }: Life, { snapshotEvery }: World): Perishable {
  const inner = openMemory(log, {
    batch: size,
    wantsSnapshot: (delivery) => delivery % snapshotEvery === snapshotEvery - 1,
  })
  let commits = 0
  let ended = false
  let underway = 0
  let turn: Promise<unknown> = Promise.resolve()
  const commit = async (delivery: Delivery, outcome: Outcome) => {
    if (ended) throw crash
    ended = fault?.startsWith('commit') === true && commits++ === after
    if (ended && fault === 'commit refused') throw crash
    await delivery.commit(outcome)
    if (ended) throw crash
  }
  async function* deliveries(): AsyncGenerator<Delivery> {
    for await (const delivery of inner) {
      yield {
        ...delivery,
        commit(outcome) {
          underway++
          const done = turn.then(() => turnOfTheLoop()).then(() => commit(delivery, outcome))
          turn = done.catch(() => {})
          return done.finally(() => underway--)
        },
      }
    }
  }
  return { [Symbol.asyncIterator]: deliveries, underway: () => underway, close: () => inner.close() }
}

/** What was learnt up to what is committed: the last snapshot, and what came after it measured again. */
async function recovered(log: MemoryLog, world: World, lostAt: number) {
  const last = log.committed.findLastIndex(({ snapshot }) => snapshot !== null)
  const snapshot = log.committed[last]?.snapshot
  const start = async (before?: Uint8Array) => mortal(await openJudge(baseline, budget, before), world.hangs, lostAt)
  const learning = await startLearning({ start }, setup.verify, snapshot == null ? {} : { snapshot })
  const since = log.committed.slice(last + 1).filter(({ unscored }) => !unscored)
  async function* ranges() {
    for (const { batch } of since) yield batch.messages
  }
  await remeasure(ranges(), learning, setup)
  return learning
}

async function live(log: MemoryLog, life: Life, world: World): Promise<void> {
  const { fault, after } = life
  const stop = new AbortController()
  const source = perishable(log, life, world)
  let commits = 0
  try {
    const learning = await recovered(log, world, fault === 'judge lost' ? after : -1)
    await run(source, learning, setup, stop.signal, {
      uncommitted: world.uncommitted,
      watch() {
        if (fault === 'told to stop' && commits++ === after) stop.abort()
        if (log.next >= log.messages.length) void source.close()
      },
    })
  } catch (error) {
    const expected =
      error === crash || (error instanceof TasterError && ['JUDGE_LOST', 'DETECTOR_TIMED_OUT'].includes(error.code))
    if (!expected) throw error
  } finally {
    await source.close()
  }
  expect(source.underway()).toBe(0)
}

/** Lives one after the other, and then, undisturbed, as many as it takes. */
async function streamed(lives: readonly Life[], world: World): Promise<MemoryLog> {
  const log = memoryLog()
  append(log, values)
  for (const life of lives) if (log.next < log.messages.length) await live(log, life, world)
  for (let i = 0; log.next < log.messages.length; i++) {
    expect(i).toBeLessThanOrEqual(world.hangs.size)
    await live(log, { fault: null, after: 0 }, world)
  }
  return log
}

const told = ({ verdict, events, repeatedIds, unscored }: Outcome) => ({ verdict, events, repeatedIds, unscored })
const kinds: readonly Fault[] = ['commit refused', 'commit not acknowledged', 'told to stop', 'judge lost']

describe('a line that is stopped and picked up again', () => {
  it('loses nothing, repeats nothing, keeps the order, and judges as if it had not been stopped', async () => {
    const life = fc.record({ fault: fc.constantFrom(...kinds), after: fc.nat(8) })
    const world = fc.record({
      hangs: fc.uniqueArray(fc.nat(batches - 1), { maxLength: 3 }).map((each) => new Set(each)),
      uncommitted: fc.integer({ min: 1, max: 4 }),
      snapshotEvery: fc.integer({ min: 1, max: 9 }),
    })
    const found = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 8 }), world, async (lives, of) => {
        const log = await streamed(lives, of)
        const messages = log.committed.flatMap(({ batch }) => batch.messages.map(({ at }) => Number(at.offset)))
        expect(messages).toEqual(values.map((_, i) => i))
        for (const { batch, verdict } of log.committed)
          expect(verdict.rulings.map(({ message }) => message)).toEqual(batch.messages.map((_, i) => i))
        const undisturbed = await streamed([], { hangs: of.hangs, uncommitted: 1, snapshotEvery: Infinity })
        expect(log.committed.map(told)).toStrictEqual(undisturbed.committed.map(told))
        for (const { verdict, unscored } of log.committed) {
          found.add(unscored ? 'unscored' : verdict.decision)
          for (const { reason } of verdict.rulings) found.add(reason.slice(0, 11))
        }
      }),
      { seed: 5, numRuns: 30 },
    )
    for (const each of ['unscored', 'quarantine', 'pass', 'ID_REPEATED', 'BYTES_MALFO']) expect(found).toContain(each)
  })
})
