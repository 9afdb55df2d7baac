import type { Outcome } from '../core/line.ts'
import type { Decision } from '../core/verdict.ts'

/** What became of a batch: its verdict, unless none of it could be judged. */
export function decisionOf({ verdict: { decision, rulings } }: Outcome): Decision {
  const isUnreadable = rulings.length > 0 && rulings.every((ruling) => ruling.decision === 'dead-letter')
  return isUnreadable ? 'dead-letter' : decision
}
