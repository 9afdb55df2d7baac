import { describe, expect, it } from 'vitest'
import { flagsOf, isFlaggedBatch } from '../../../src/cli/flagged.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'
import type { Decision, Finding, Verdict } from '../../../src/core/verdict.ts'

const finding: Finding = {
  detector: 'pair-flip',
  subject: { kind: 'pair', source: 'a\nb', from: 'spam', to: 'ham' },
  logE: Math.log(20_000),
  threshold: Math.log(10_000),
  raised: true,
  onset: null,
  rows: [],
  explanation: { summary: 'spam is \u001b[1mcalled ham', suspects: [], facts: {} },
}

function outcome(decisions: readonly Decision[], verdict: Partial<Verdict>): Outcome {
  const at = { topic: 'new.csv', partition: 0, offset: 99n }
  const rows = decisions.length
  return {
    batch: {
      digest: '',
      messages: [{ at, timestamp: 0, key: null, value: null, headers: [] }],
      messageOf: new Int32Array(rows),
      rowOf: Int32Array.from({ length: rows }, (_, i) => i),
      rejected: [],
      id: decisions.map((_, i) => `r${i}`),
      source: column([]),
      label: column([]),
      at: new Float64Array(rows),
      content: { kind: 'text', text: decisions.map(() => '') },
    },
    verdict: {
      id: '',
      decision: 'quarantine',
      rulings: decisions.map((decision, row) => ({ message: 0, row, decision, reason: 'because' })),
      findings: [],
      insufficient: [],
      ...verdict,
    },
    repeatedIds: 0,
    unscored: false,
    snapshot: null,
    events: [],
  }
}

describe('a flagged batch', () => {
  it('says where, how much, why, and on what evidence', () => {
    expect(flagsOf(outcome(['quarantine', 'quarantine'], { findings: [finding] }))).toEqual([
      {
        mark: 'quarantined',
        news: true,
        text: 'new.csv row 100, 2 records: pair-flip: spam is \\e[1mcalled ham (e = 20,000, alarm from 10,000)',
      },
    ])
  })

  it('says how many records of it were held back', () => {
    const [flag] = flagsOf(outcome(['quarantine', 'pass', 'pass'], { findings: [finding] }))
    expect(flag?.text).toMatch(/^new\.csv row 100, 1 of 3 records: /)
  })

  it('is told in brief while an alarm lasts', () => {
    expect(flagsOf(outcome(['quarantine'], { findings: [{ ...finding, raised: false }] }))).toEqual([
      {
        mark: 'quarantined',
        news: false,
        text: 'new.csv row 100, 1 record: pair-flip: source "a\\nb": "spam" labelled "ham", still above the budget',
      },
    ])
  })

  it('is observed where the policy holds nothing back', () => {
    const [flag] = flagsOf(outcome(['pass', 'pass'], { decision: 'pass', findings: [finding] }))
    expect(flag).toMatchObject({ mark: 'observed', text: expect.stringMatching(/^new\.csv row 100, 2 records: /) })
  })

  it('without a finding says what else stopped it', () => {
    expect(flagsOf(outcome(['quarantine'], {}))[0]?.text).toBe('new.csv row 100, 1 record: because')
    expect(isFlaggedBatch(outcome(['quarantine'], {}))).toBe(true)
    expect(isFlaggedBatch(outcome(['dead-letter'], { decision: 'pass' }))).toBe(false)
  })
})
