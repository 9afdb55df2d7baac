import { describe, expect, it } from 'vitest'
import { openVerdicts } from '../../../src/cli/replay-verdicts.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'
import type { Decision } from '../../../src/core/verdict.ts'

type Row = readonly [decision: Decision, reason: string]

/** Rows of a stream from `first` on, each a message. */
function outcome(first: number, rows: readonly Row[]): Outcome {
  const places = Int32Array.from(rows.keys())
  return {
    batch: {
      digest: '',
      messages: rows.map((_, i) => ({
        at: { topic: 'mails', partition: 0, offset: BigInt(first + i) },
        timestamp: 0,
        key: null,
        value: null,
        headers: [],
      })),
      messageOf: places,
      rowOf: places.map(() => 0),
      rejected: [],
      id: rows.map((_, i) => `r${first + i}`),
      source: column(rows.map(() => 'a')),
      label: column(rows.map(() => 'y')),
      at: new Float64Array(rows.length),
      content: { kind: 'text', text: rows.map(() => 'x') },
    },
    verdict: {
      id: '',
      decision: 'pass',
      rulings: rows.map(([decision, reason], message) => ({ message, row: 0, decision, reason })),
      findings: [],
      insufficient: [],
    },
    repeatedIds: 0,
    unscored: false,
    snapshot: null,
    events: [],
  }
}

const pass: Row = ['pass', '']
const held = (reason: string): Row => ['quarantine', reason]

describe('the verdicts of a replay', () => {
  it('are compared row by row, however the two runs cut their batches', () => {
    const verdicts = openVerdicts()
    verdicts.keep(outcome(0, [pass, held('a word'), pass]))
    verdicts.keep(outcome(3, [held('a source'), pass]))
    const other = [outcome(0, [pass, pass]), outcome(2, [held('a flood'), held('another source'), pass])]
    expect(other.flatMap((each) => verdicts.changesIn(each))).toEqual([
      { id: 'r1', where: 'mails row 2', from: 'quarantine', to: 'pass', reason: 'a word' },
      { id: 'r2', where: 'mails row 3', from: 'pass', to: 'quarantine', reason: 'a flood' },
    ])
  })

  it('say nothing of rows that the first run did not come to', () => {
    const verdicts = openVerdicts()
    verdicts.keep(outcome(0, [pass]))
    expect(verdicts.changesIn(outcome(0, [pass, held('late')]))).toEqual([])
  })

  it('keep reasons of bounded length, whatever data names', () => {
    const verdicts = openVerdicts()
    verdicts.keep(outcome(0, [held('x'.repeat(1e6)), pass]))
    const told = verdicts.changesIn(outcome(0, [pass, held('y'.repeat(1e6))])).map(({ reason }) => reason.length)
    expect(told).toHaveLength(2)
    expect(Math.max(...told)).toBeLessThan(2000)
  })
})
