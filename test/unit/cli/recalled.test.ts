import { describe, expect, it } from 'vitest'
import { openRecalled } from '../../../src/cli/recalled.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'
import type { Decision, Finding } from '../../../src/core/verdict.ts'

/** A batch of rows of one file or several that follow each other: `a` 3 means row 3 of file a. */
function outcome(
  rows: readonly (readonly [string, number])[],
  decision: (row: number) => Decision,
  ...findings: Finding[]
): Outcome {
  const messages = rows.map(([topic, offset]) => ({
    at: { topic, partition: 0, offset: BigInt(offset) },
    timestamp: 0,
    key: null,
    value: null,
    headers: [],
  }))
  return {
    batch: {
      digest: '',
      messages,
      messageOf: Int32Array.from(messages, (_, i) => i),
      rowOf: new Int32Array(messages.length),
      rejected: [],
      id: messages.map((_, i) => `r${i}`),
      source: column([]),
      label: column([]),
      at: new Float64Array(messages.length),
      content: { kind: 'text', text: messages.map(() => '') },
    },
    verdict: {
      id: '',
      decision: 'pass',
      rulings: rows.map(([, offset], message) => ({ message, row: 0, decision: decision(offset), reason: '' })),
      findings,
      insufficient: [],
    },
    repeatedIds: 0,
    unscored: false,
    snapshot: null,
    events: [],
  }
}

const rowsOf = (topic: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [topic, from + i] as const)

const alarm = (topic: string, offset: number, name = 'mallory', raised = true): Finding => ({
  detector: 'trigger',
  subject: { kind: 'source', name },
  logE: 20,
  threshold: 9,
  raised,
  onset: { topic, partition: 0, offset: BigInt(offset) },
  rows: [],
  explanation: { summary: '', suspects: [], facts: {} },
})

const pass = (): Decision => 'pass'
const stop = (): Decision => 'quarantine'

function recalled(...outcomes: Outcome[]) {
  const rows = openRecalled()
  for (const each of outcomes) rows.add(each)
  return rows.result()
}

describe('recalled rows', () => {
  it('are those that passed from the onset to the end of the batch that raised the alarm', () => {
    expect(
      recalled(
        outcome(rowsOf('a', 0, 50), pass),
        outcome(rowsOf('a', 50, 100), (row) => (row % 10 === 0 ? 'dead-letter' : 'pass')),
        outcome(rowsOf('a', 100, 150), stop, alarm('a', 50)),
        outcome(rowsOf('a', 150, 200), stop, alarm('a', 50, 'mallory', false)),
      ),
    ).toEqual([{ path: 'a', from: 51, to: 150, rows: 45, because: ['trigger: source "mallory"'] }])
  })

  it('are counted once where alarms overlap', () => {
    expect(
      recalled(
        outcome(rowsOf('a', 0, 50), pass),
        outcome(rowsOf('a', 50, 100), pass, alarm('a', 0)),
        outcome(rowsOf('a', 100, 150), pass, alarm('a', 50, 'eve')),
      ),
    ).toEqual([
      { path: 'a', from: 1, to: 150, rows: 150, because: ['trigger: source "mallory"', 'trigger: source "eve"'] },
    ])
  })

  it('reach over files', () => {
    expect(
      recalled(
        outcome([...rowsOf('a', 0, 30), ...rowsOf('b', 0, 20)], pass),
        outcome(rowsOf('b', 20, 70), pass),
        outcome(rowsOf('c', 0, 10), stop, alarm('a', 10)),
      ).map(({ path, from, to, rows }) => [path, from, to, rows]),
    ).toEqual([
      ['a', 11, 30, 20],
      ['b', 1, 70, 70],
    ])
  })

  it('are none where nothing had passed, or the alarm is about its own batch', () => {
    expect(recalled(outcome(rowsOf('a', 0, 50), stop), outcome(rowsOf('a', 50, 99), stop, alarm('a', 0)))).toEqual([])
    const own = { ...alarm('a', 0), onset: null }
    expect(recalled(outcome(rowsOf('a', 0, 50), pass, own))).toEqual([])
  })

  it('stay few however the batches alternate, and then count too many rather than too few', () => {
    const rows = openRecalled()
    for (let i = 0; i < 50_000; i++) rows.add(outcome(rowsOf('a', i, i + 1), i % 2 === 0 ? pass : stop))
    rows.add(outcome(rowsOf('a', 50_000, 50_001), stop, alarm('a', 40_001)))
    const [range] = rows.result()
    expect(range).toMatchObject({ from: 40_002, to: 50_001 })
    expect(range?.rows).toBeGreaterThanOrEqual(4999)
    expect(range?.rows).toBeLessThan(5010)
  })
})
