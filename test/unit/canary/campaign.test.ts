import { describe, expect, it } from 'vitest'
import { loadAttacks } from '../../../src/canary/attacks.ts'
import { openCampaign } from '../../../src/canary/campaign.ts'
import { openSecret } from '../../../src/canary/secret.ts'
import type { Trial } from '../../../src/canary/trial.ts'
import { select, type Records } from '../../../src/core/batch.ts'
import { column, valueAt } from '../../../src/core/column.ts'
import type { Finding } from '../../../src/core/verdict.ts'
import type { Judge, Judgement } from '../../../src/engine/judge.ts'
import { recordsOf } from './records.ts'

const nothing: Judgement = { findings: [], cleared: [], insufficient: [], failed: [] }
const alarm = (rows: readonly number[], raised: boolean): Finding => ({
  detector: 'probe',
  subject: { kind: 'source', name: 's1' },
  logE: 10,
  threshold: 9,
  raised,
  onset: null,
  rows,
  explanation: { summary: '', suspects: [], facts: {} },
})
const all = await loadAttacks()
const only = (...names: readonly string[]) => new Map([...all].filter(([name]) => names.includes(name)))

/** Runs batches through judges that say what they are told to: the stream's own, and its shadows. */
async function tried(
  batches: readonly Records[],
  says: {
    readonly own?: (batch: number) => Judgement
    readonly shadow?: (asked: number, records: Records) => Judgement
  },
  names: readonly string[] = ['near-copies'],
): Promise<readonly Trial[]> {
  const secret = openSecret(Buffer.from('a key of sixteen'))
  const campaign = openCampaign({ attacks: only(...names), secret, rate: 0.1, batches: 5, share: 1 })
  let started = 0
  const judgeOf = (answer: (asked: number, records: Records) => Judgement): Judge => {
    let asked = 0
    return {
      judge: async (records) => answer(asked++, records),
      snapshot: async () => new Uint8Array(),
      close: async () => {},
    }
  }
  const by = {
    start: async () => judgeOf(started++ === 0 ? (says.own ?? (() => nothing)) : (says.shadow ?? (() => nothing))),
  }
  const trials: Trial[] = []
  const judge = await campaign(by, { finished: (trial) => void trials.push(trial) }).start()
  for (const [i, records] of batches.entries())
    await judge.judge(records, { topic: 't', partition: 0, offset: BigInt(i) })
  return trials
}

const stream = Array.from({ length: 20 }, (_, i) => recordsOf('vector', 30, i + 1))
const everyRow = (records: Records) => records.id.map((_, row) => row)

describe('a trial', () => {
  it('that nobody names ends when its batches are over, with all of its poisons admitted', async () => {
    const trials = await tried(stream, {})
    expect(trials).toHaveLength(4)
    for (const trial of trials)
      expect(trial).toMatchObject({ caught: false, batches: 5, poisons: 15, admitted: 15, records: 150, anyway: false })
  })

  it('is caught by an alarm of the shadow that concerns its poisons', async () => {
    const [first] = await tried(stream, {
      shadow: (asked, records) => (asked < 2 ? nothing : { ...nothing, findings: [alarm(everyRow(records), true)] }),
    })
    expect(first).toMatchObject({
      caught: true,
      batches: 3,
      poisons: 9,
      admitted: 6,
      records: 90,
      detectors: ['probe'],
    })
    expect(first?.alwaysFire).toEqual({ records: 30 })
  })

  it('is not caught by an alarm about other rows, by one that lasted when it began, or by one that came anyway', async () => {
    const about = (rows: (records: Records) => number[], raised: boolean) => (_: number, records: Records) => ({
      ...nothing,
      findings: [alarm(rows(records), raised)],
    })
    expect((await tried(stream, { shadow: about(() => [], true) })).filter(({ caught }) => caught)).toEqual([])
    expect((await tried(stream, { shadow: about(everyRow, false) })).filter(({ caught }) => caught)).toEqual([])
    const own = () => ({ ...nothing, findings: [alarm([0], true)] })
    const anyway = await tried(stream, { own, shadow: about(everyRow, true) })
    expect(anyway.map(({ caught, anyway: alarmed }) => [caught, alarmed])).toContainEqual([false, true])
    expect(anyway.filter(({ caught }) => caught)).toEqual([])
  })

  it('says nothing where a detector failed', async () => {
    const failed = [{ detector: 'probe', message: 'boom' }]
    expect(await tried(stream, { shadow: () => ({ ...nothing, failed }) })).toEqual([])
  })
})

describe('an attack', () => {
  it('waits for records that allow it: no other is tried more often instead', async () => {
    const oneLabel = (records: Records) => ({ ...records, label: column(records.id.map(() => 'a')) })
    const late = stream.map((records, i) => (i % 10 < 3 ? oneLabel(records) : records))
    const trials = await tried(late, {}, ['near-copies', 'label-flips'])
    const turns = trials.map(({ attack }) => attack)
    expect(turns.filter((name) => name === 'label-flips').length).toBeGreaterThan(0)
    expect(Math.abs(2 * turns.filter((name) => name === 'label-flips').length - turns.length)).toBeLessThanOrEqual(2)
  })

  it('that a stream never allows leaves its turn to others', async () => {
    const oneLabel = [...stream, ...stream].map((records) => ({ ...records, label: column(records.id.map(() => 'a')) }))
    const trials = await tried(oneLabel, {}, ['near-copies', 'label-flips'])
    expect(trials.length).toBeGreaterThan(1)
    expect(new Set(trials.map(({ attack }) => attack))).toEqual(new Set(['near-copies']))
  })

  it('poisons the shadow alone', async () => {
    const seen: Records[] = []
    const note = (_: number, records: Records) => (seen.push(records), nothing)
    await tried(stream.slice(0, 5), { shadow: note }, ['label-flips'])
    const labels = (records: Records) => records.id.map((_, row) => valueAt(records.label, row))
    expect(seen.map((records, i) => labels(records).filter((label, row) => label !== labels(stream[i] ?? records)[row]).length)) // prettier-ignore
      .toEqual([3, 3, 3, 3, 3])
    expect(select(stream[0] ?? recordsOf('vector', 0), [0])).toEqual(select(recordsOf('vector', 30, 1), [0]))
  })
})
