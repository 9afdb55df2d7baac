import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { column } from '../../src/core/column.ts'
import type { Batch } from '../../src/core/batch.ts'
import { decide, type Policy } from '../../src/engine/decide.ts'
import type { Judgement } from '../../src/engine/judge.ts'

const n = 8
const batch: Batch = {
  digest: 'd',
  messages: Array.from({ length: n }, (_, i) => ({
    at: { topic: 't', partition: 0, offset: BigInt(i) },
    timestamp: 0,
    key: null,
    value: new Uint8Array([i]),
    headers: [],
  })),
  messageOf: Int32Array.of(0, 1, 2, 3, 4, 5),
  rowOf: new Int32Array(6),
  rejected: [
    { message: 6, row: 0, code: 'LABEL_MISSING', reason: 'no label' },
    { message: 7, row: 0, code: 'BYTES_MALFORMED', reason: 'not JSON' },
  ],
  id: ['0', '1', '2', '3', '4', '5'],
  source: column(['a', 'a', 'b', 'b', null, 'a']),
  label: column(['x', 'y', 'x', 'y', 'x', 'y']),
  at: new Float64Array(6),
  content: { kind: 'text', text: ['', '', '', '', '', ''] },
}

const finding = fc
  .tuple(fc.constantFrom('p', 'q'), fc.uniqueArray(fc.integer({ min: 0, max: 5 })), fc.boolean())
  .map(([detector, rows, raised]) => ({
    detector,
    subject: { kind: 'source', name: 'a' } as const,
    logE: 12,
    threshold: 9,
    raised,
    onset: null,
    explanation: { summary: 'because', suspects: rows, facts: {} },
    rows,
  }))
const judgement: fc.Arbitrary<Judgement> = fc.record({
  findings: fc.array(finding, { maxLength: 4 }),
  cleared: fc.constant([]),
  insufficient: fc.constant([]),
  failed: fc.array(fc.constant({ detector: 'p', message: 'broke' }), { maxLength: 1 }),
})
const policy: fc.Arbitrary<Policy> = fc.record({
  onFinding: fc.constantFrom('quarantine' as const, 'observe' as const),
  granularity: fc.constantFrom('batch' as const, 'record' as const),
})
const severity = { pass: 0, quarantine: 1, 'dead-letter': 2 }
const settings = { seed: 20260101, numRuns: 500 }

describe('decide', () => {
  it('rules on every row of every message exactly once, in order', () => {
    fc.assert(
      fc.property(judgement, policy, (judged, rules) => {
        const { rulings } = decide(batch, judged, rules, 'id')
        expect(rulings.map(({ message }) => message)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
        expect(rulings.slice(6).every(({ decision }) => decision === 'dead-letter')).toBe(true)
        expect(rulings.every(({ decision, reason }) => (decision === 'pass') === (reason === ''))).toBe(true)
      }),
      settings,
    )
  })

  it('is monotone: one more finding, failure or refusal never frees a row', () => {
    fc.assert(
      fc.property(judgement, finding, policy, (judged, extra, rules) => {
        const before = decide(batch, judged, rules, 'id').rulings
        const after = decide(batch, { ...judged, findings: [...judged.findings, extra] }, rules, 'id').rulings
        before.forEach(({ decision }, i) => {
          expect(severity[after[i]?.decision ?? 'pass']).toBeGreaterThanOrEqual(severity[decision])
        })
      }),
      settings,
    )
  })

  it('does not depend on the order of findings, but for the wording', () => {
    fc.assert(
      fc.property(judgement, policy, (judged, rules) => {
        const forward = decide(batch, judged, rules, 'id')
        const backward = decide(batch, { ...judged, findings: judged.findings.toReversed() }, rules, 'id')
        expect(backward.rulings.map(({ decision }) => decision)).toEqual(
          forward.rulings.map(({ decision }) => decision),
        )
        expect(backward.decision).toBe(forward.decision)
      }),
      settings,
    )
  })
})
