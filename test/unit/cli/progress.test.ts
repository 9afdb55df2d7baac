import { describe, expect, it } from 'vitest'
import { openProgress, timeLeft } from '../../../src/cli/progress.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'
import type { Finding } from '../../../src/core/verdict.ts'

const finding: Finding = {
  detector: 'pair-flip',
  subject: { kind: 'source', name: 'a' },
  logE: 10,
  threshold: 9,
  raised: true,
  onset: null,
  rows: [],
  explanation: { summary: 'odd', suspects: [], facts: {} },
}

function outcome(offset: number, raised?: boolean): Outcome {
  const at = { topic: 'new.csv', partition: 0, offset: BigInt(offset) }
  const stopped = raised !== undefined
  return {
    batch: {
      digest: '',
      messages: [{ at, timestamp: 0, key: null, value: null, headers: [] }],
      messageOf: new Int32Array(1),
      rowOf: new Int32Array(1),
      rejected: [],
      id: ['r'],
      source: column(['a']),
      label: column([undefined]),
      at: new Float64Array(1),
      content: { kind: 'text', text: ['x'] },
    },
    verdict: {
      id: '',
      decision: stopped ? 'quarantine' : 'pass',
      rulings: [{ message: 0, row: 0, decision: stopped ? 'quarantine' : 'pass', reason: '' }],
      findings: stopped ? [{ ...finding, raised }] : [],
      insufficient: [],
    },
    repeatedIds: 0,
    unscored: false,
    snapshot: null,
    events: [],
  }
}

function linesOf(...outcomes: Outcome[]): string[] {
  let written = ''
  const stream = { isTTY: false, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream
  const progress = openProgress({ totalBytes: 0, readBytes: () => 0 }, stream)
  for (const each of outcomes) progress.batch(each)
  progress.close()
  return written.trimEnd().split('\n')
}

describe('progress in plain lines', () => {
  it('tells an alarm that lasts once, and how far it lasted', () => {
    expect(linesOf(outcome(0, true), outcome(1, false), outcome(2, false), outcome(3, false), outcome(4))).toEqual([
      expect.stringContaining('new.csv row 1, 1 record: pair-flip: odd'),
      expect.stringContaining('new.csv row 2, 1 record: pair-flip: source "a", still above the budget'),
      '… 2 more batches up to new.csv row 4',
    ])
  })

  it('tells it again after news, and ends what is open', () => {
    const lines = linesOf(outcome(0, false), outcome(1, true), outcome(2, false), outcome(3, false))
    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toBe('… 1 more batch up to new.csv row 4')
  })
})

describe('the time left', () => {
  it.each([
    [7, '7 s left'],
    [75, '1 min 15 s left'],
    [3700, '1 h 1 min left'],
    ['INF', 'time left not known yet'],
    ['NULL', 'time left not known yet'],
    ['0', 'time left not known yet'],
  ])('of %j', (seconds, words) => {
    expect(timeLeft(seconds)).toBe(words)
  })
})
