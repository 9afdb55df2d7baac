import { describe, expect, it } from 'vitest'
import { auditLines, openAudit } from '../../../src/cli/audit.ts'
import { coloursFor } from '../../../src/cli/terminal.ts'
import { column } from '../../../src/core/column.ts'
import type { Outcome } from '../../../src/core/line.ts'

const look = { width: 80, colours: coloursFor({ isTTY: false, columns: 80 }) }

/** A batch of one row, tested once. */
function outcome(row: number, p?: number): Outcome {
  const at = { topic: 'new.csv', partition: 0, offset: BigInt(row) }
  return {
    batch: {
      digest: '',
      messages: [{ at, timestamp: 0, key: null, value: null, headers: [] }],
      messageOf: new Int32Array(1),
      rowOf: new Int32Array(1),
      rejected: [],
      id: ['r'],
      source: column(['a']),
      label: column(['y']),
      at: new Float64Array(1),
      content: { kind: 'text', text: ['x'] },
    },
    verdict: { id: '', decision: 'pass', rulings: [], findings: [], insufficient: [] },
    repeatedIds: 0,
    unscored: false,
    snapshot: null,
    events: [],
    ...(p !== undefined && { tests: [{ detector: 'class-shift', subject: { kind: 'label', name: 'y' }, p }] }),
  }
}

describe('an audit of batch tests', () => {
  it('rejects what a procedure rejects, in the order in which it came', () => {
    const audit = openAudit(0.05)
    for (const [row, p] of [1e-7, 3e-4, 0.1, 6e-4].entries()) audit.add(outcome(row, p))
    const { tests, procedures } = audit.result()
    expect(tests).toBe(4)
    const found = new Map(procedures.map(({ name, examples }) => [name, examples.map(({ where }) => where)]))
    expect(found.get('SAFFRON')).toEqual(['new.csv row 1', 'new.csv row 2', 'new.csv row 4'])
    expect(found.get('ADDIS')).toEqual(found.get('SAFFRON'))
  })

  it('counts every discovery, and shows the first', () => {
    const audit = openAudit(0.05)
    for (let row = 0; row < 100; row++) audit.add(outcome(row, 1e-9))
    const { procedures } = audit.result()
    expect(procedures.map(({ discoveries, examples }) => [discoveries, examples.length])).toEqual([
      [100, 20],
      [100, 20],
      [100, 20],
    ])
    const lines = auditLines(audit.result(), look).join('\n')
    expect(lines).toContain('100 tests of single batches')
    expect(lines).toContain('LORD++  100 rejected')
    expect(lines).toContain('new.csv row 1, class-shift: label "y", p = 1.0e-9')
    expect(lines).toContain('and 95 more')
  })

  it('has nothing to say of batches that were not asked for their tests', () => {
    const audit = openAudit(0.05)
    audit.add(outcome(0))
    expect(audit.result().tests).toBe(0)
    expect(auditLines(null, look)).toEqual([])
  })
})
