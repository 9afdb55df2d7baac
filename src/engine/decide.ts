import type { Batch } from '../core/batch.ts'
import { sizeOf } from '../core/batch.ts'
import type { Decision, Ruling, Verdict } from '../core/verdict.ts'
import type { Judgement } from './judge.ts'

/** What the user wants done about findings. */
export interface Policy {
  readonly onFinding: 'quarantine' | 'observe' // observe: everything passes, only events tell
  readonly granularity: 'batch' | 'record' // quarantine the whole batch, or only the records a finding concerns
}

const severity: { readonly [decision in Decision]: number } = { pass: 0, quarantine: 1, 'dead-letter': 2 }

/**
 * One ruling for every row of every message, in order. A pure function of the judgement and the policy, and monotone:
 * one more finding or failure never frees a row.
 */
export function decide(batch: Batch, judgement: Judgement, policy: Policy, id: string): Verdict {
  const rulings = new Map<string, Ruling>()
  const rule = (message: number, row: number, decision: Decision, reason: string) => {
    const key = `${message} ${row}`
    const before = rulings.get(key)
    if (before === undefined || severity[decision] > severity[before.decision]) {
      rulings.set(key, { message, row, decision, reason })
    }
  }
  const ruleRecord = (row: number, decision: Decision, reason: string) =>
    rule(batch.messageOf[row] ?? 0, batch.rowOf[row] ?? 0, decision, reason)

  const reason = summary(judgement)
  const failed = judgement.failed.length > 0 // a batch that could not be judged never passes
  const stops = failed || (judgement.findings.length > 0 && policy.onFinding === 'quarantine')
  const everyRow = failed || policy.granularity === 'batch'
  for (let row = 0; row < sizeOf(batch); row++)
    ruleRecord(row, stops && everyRow ? 'quarantine' : 'pass', stops && everyRow ? reason : '')
  if (stops && !everyRow) {
    for (const finding of judgement.findings) {
      for (const row of finding.rows) ruleRecord(row, 'quarantine', finding.explanation.summary)
    }
  }
  for (const { message, row, code, reason: why } of batch.rejected) rule(message, row, 'dead-letter', `${code}: ${why}`)
  return {
    id,
    decision: stops ? 'quarantine' : 'pass',
    rulings: [...rulings.values()].toSorted((a, b) => a.message - b.message || a.row - b.row),
    findings: judgement.findings,
    insufficient: judgement.insufficient,
  }
}

function summary({ findings, failed }: Judgement): string {
  const failures = failed.map(({ detector, message }) => `DETECTOR_FAILED: ${detector}: ${message}`)
  return [...failures, ...findings.map(({ explanation }) => explanation.summary.replace(/\.$/, ''))].join('; ')
}
