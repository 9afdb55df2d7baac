import { describe, expect, it } from 'vitest'
import { openSummary } from '../../../src/cli/summary.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'
import type { Decision, Finding, Verdict } from '../../../src/core/verdict.ts'

interface Given {
  readonly from: number
  readonly decisions: readonly (readonly [Decision, string])[]
  readonly verdict?: Partial<Verdict>
  readonly source?: string
}

function outcome({ from, decisions, verdict = {}, source = 'a' }: Given): Outcome {
  const messages = decisions.map((_, i) => ({
    at: { topic: 'new.csv', partition: 0, offset: BigInt(from + i) },
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
      id: messages.map((_, i) => `r${from + i}`),
      source: column(messages.map(() => source)),
      label: column(messages.map(() => 'y')),
      at: new Float64Array(messages.length),
      content: { kind: 'text', text: messages.map(() => 'x') },
    },
    verdict: {
      id: '',
      decision: 'pass',
      rulings: decisions.map(([decision, reason], i) => ({ message: i, row: 0, decision, reason })),
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

const finding = (logE: number, raised: boolean, suspects: number[], name = 'a'): Finding => ({
  detector: 'pair-flip',
  subject: { kind: 'source', name },
  logE,
  threshold: 9,
  raised,
  onset: { topic: 'new.csv', partition: 0, offset: 4n },
  rows: [],
  explanation: { summary: `at ${logE}`, suspects, facts: {} },
})

const summaryOf = (...outcomes: Outcome[]) => {
  const summary = openSummary()
  outcomes.forEach((each) => summary.add(each))
  return summary.result()
}

describe('the summary', () => {
  it('counts every row once', () => {
    const { counts, files, batches } = summaryOf(
      outcome({
        from: 0,
        decisions: [
          ['pass', ''],
          ['pass', ''],
        ],
      }),
      outcome({
        from: 2,
        decisions: [
          ['quarantine', 'odd'],
          ['dead-letter', 'LABEL_MISSING: none'],
          ['pass', ''],
        ],
        verdict: { decision: 'quarantine' },
      }),
    )
    expect(counts).toEqual({ read: 5, clean: 3, quarantine: 1, deadLetter: 1, repeatedIds: 0 })
    expect(files).toEqual([{ path: 'new.csv', rows: 5 }])
    expect(batches).toEqual({ judged: 2, flagged: 1 })
  })

  it('keeps of a lasting finding its strongest moment, and where it began', () => {
    const stopped: Given['decisions'] = [
      ['quarantine', ''],
      ['quarantine', ''],
    ]
    const { findings } = summaryOf(
      outcome({ from: 6, decisions: stopped, verdict: { findings: [finding(10, true, [0])] } }),
      outcome({ from: 8, decisions: stopped, verdict: { findings: [finding(14, false, [1])] } }),
      outcome({
        from: 10,
        decisions: stopped,
        verdict: { findings: [finding(12, false, [0]), finding(20, true, [0], 'b')] },
      }),
    )
    expect(findings.map(({ subject, logE }) => [subject, logE])).toEqual([
      [{ kind: 'source', name: 'b' }, 20],
      [{ kind: 'source', name: 'a' }, 14],
    ])
    expect(findings[1]).toMatchObject({
      summary: 'at 14',
      suspects: ['r9'],
      onset: 'new.csv row 5',
      raised: 'new.csv row 7',
      batches: 3,
      records: 6,
    })
  })

  it('names a column only where no record of the run has it', () => {
    const absent = [
      { part: 'source' as const, name: 'sorce', nearest: 'source' },
      { part: 'time' as const, name: 'ts', nearest: null },
    ]
    const one = outcome({ from: 0, decisions: [['pass', '']] })
    const lacking = (missing: typeof absent): Outcome => ({ ...one, batch: { ...one.batch, absent: missing } })
    const absentIn = (...outcomes: Outcome[]) => summaryOf(...outcomes).absentColumns.map(({ name }) => name)
    expect(absentIn(lacking(absent), lacking(absent))).toEqual(['sorce', 'ts'])
    expect(absentIn(lacking(absent), lacking(absent.slice(0, 1)))).toEqual(['sorce'])
    expect(absentIn(one, lacking(absent))).toEqual([])
    expect(absentIn(lacking(absent), one, lacking(absent))).toEqual([])
  })

  it('counts records whose label no trusted record has', () => {
    const summary = openSummary(['x'])
    summary.add(outcome({ from: 0, decisions: [['pass', '']] }))
    expect(summary.result().newLabels).toEqual({ records: 1, examples: ['y'] })
    expect(summaryOf(outcome({ from: 0, decisions: [['pass', '']] })).newLabels.records).toBe(0)
  })

  it('groups what could not be read by reason, with the first as example', () => {
    const { diverted } = summaryOf(
      outcome({
        from: 0,
        decisions: [
          ['dead-letter', 'LABEL_MISSING: none here'],
          ['dead-letter', 'FIELD_MISTYPED: text is 5'],
          ['dead-letter', 'LABEL_MISSING: none there'],
        ],
      }),
    )
    expect(diverted).toEqual([
      {
        code: 'LABEL_MISSING',
        decision: 'dead-letter',
        count: 2,
        example: { where: 'new.csv row 1', reason: 'none here' },
      },
      {
        code: 'FIELD_MISTYPED',
        decision: 'dead-letter',
        count: 1,
        example: { where: 'new.csv row 2', reason: 'text is 5' },
      },
    ])
  })

  it('forgets a subject that waited for data once it is tested', () => {
    const waiting = (name: string, records: number) => ({
      detector: 'pair-flip',
      subject: { kind: 'source' as const, name },
      records,
      needed: 20,
    })
    const one: Given['decisions'] = [['pass', '']]
    const result = summaryOf(
      outcome({ from: 0, decisions: one, source: 'a', verdict: { insufficient: [waiting('a', 5)] } }),
      outcome({ from: 1, decisions: one, source: 'b', verdict: { insufficient: [waiting('b', 7)] } }),
      outcome({ from: 2, decisions: one, source: 'c', verdict: { insufficient: [waiting('c', 2)] } }),
      outcome({ from: 3, decisions: one, source: 'a' }),
    )
    expect(result.waiting).toEqual([{ detector: 'pair-flip', subjects: 2, example: waiting('b', 7) }])
  })

  it('stays small under a flood of invented subjects', () => {
    const summary = openSummary()
    for (let i = 0; i < 1200; i++) {
      const findings = [finding(10, true, [0], `s${i}`)]
      summary.add(outcome({ from: i, decisions: [['quarantine', '']], verdict: { findings } }))
    }
    expect(summary.result().findings).toHaveLength(1000)
    expect(summary.result().findingsLeftOut).toBe(200)
  })
})
