import type { Outcome } from '../../../src/core/line.ts'
import type { Message } from '../../../src/core/message.ts'
import type { Finding } from '../../../src/core/verdict.ts'
import { decide, type Policy } from '../../../src/engine/decide.ts'
import { decode } from '../../../src/engine/decode.ts'
import type { Fields } from '../../../src/engine/decode/fields.ts'
import { eventsOf } from '../../../src/engine/events.ts'
import type { Judgement } from '../../../src/engine/judge.ts'
import { createSeen, verify, type Rules } from '../../../src/engine/verify.ts'

export const verdictId = '1a'.repeat(32)
export const baseline = '2b'.repeat(32)
export const policyDigest = '3c'.repeat(32)

export const clean: Judgement = { findings: [], cleared: [], insufficient: [], failed: [] }
export const batchwise: Policy = { onFinding: 'quarantine', granularity: 'batch' }
export const recordwise: Policy = { onFinding: 'quarantine', granularity: 'record' }

const fields: Fields = {
  id: 'id',
  source: 'source',
  label: 'label',
  labelRequired: false,
  content: { kind: 'text', columns: ['text'] },
  messages: {},
}

export function finding(given: Partial<Finding> = {}): Finding {
  return {
    detector: 'pair-flip',
    subject: { kind: 'pair', source: 'list-a', from: 'spam', to: 'ham' },
    logE: 12.5,
    threshold: 9.21,
    raised: true,
    onset: null,
    rows: [0, 1],
    explanation: { summary: 'list-a labels spam as ham', suspects: [1, 0], facts: { flipped: 2, of: 3 } },
    ...given,
  }
}

/** What the line makes of messages, given what was found in them. */
export function outcomeOf(
  messages: readonly Message[],
  judgement: Judgement = clean,
  policy: Policy = batchwise,
  rules: Rules = {},
): Outcome {
  const { batch, repeatedIds } = verify(decode(messages, fields), rules, createSeen(16))
  const verdict = decide(batch, judgement, policy, verdictId)
  const events = eventsOf({ pipeline: 'mail', baseline }, batch, verdict, judgement)
  return { batch, verdict, repeatedIds, events, unscored: false, snapshot: null }
}
