import { createHash } from 'node:crypto'
import type { Batch, Records } from '../core/batch.ts'
import { TasterError } from '../core/errors.ts'
import type { Delivery, Outcome, Source } from '../core/line.ts'
import type { Position } from '../core/message.ts'
import type { Verdict } from '../core/verdict.ts'
import { decide, type Policy } from './decide.ts'
import { decode } from './decode.ts'
import type { Fields } from './decode/fields.ts'
import type { Limits } from './decode/limits.ts'
import { eventsOf } from './events.ts'
import type { Judge, Judgement } from './judge.ts'
import { createSeen, verify, type Rules } from './verify.ts'

/** Everything that the line of one pipeline needs. */
export interface Setup {
  readonly pipeline: string // name
  readonly fields: Fields
  readonly limits: Limits
  readonly verify: Rules
  readonly policy: Policy
  readonly policyDigest: string // sha256 of all that decides, budget included
  readonly baselineDigest: string
  readonly engine: string // version
}

/** A detector that fails this many batches in a row is broken, not unlucky. */
const failuresInARow = 5

/**
 * The line: decode → verify → encode → measure → weigh → decide → emit. The middle three are the judge's, in the thread
 * that owns the device; while one batch is judged and committed the next is read and decoded. Batches are committed in
 * order, each as soon as it is judged.
 * Ends at the source's end or, once `signal` aborts, after the batch in hand.
 */
export async function run(
  source: Source,
  judge: Judge,
  setup: Setup,
  signal: AbortSignal,
  watch: (outcome: Outcome) => void,
): Promise<void> {
  const seen = createSeen()
  let failures = 0

  const finish = async ({ delivery, batch, repeatedIds, judged }: InHand): Promise<void> => {
    const judgement = await judged
    const verdict = decide(batch, judgement, setup.policy, verdictId(batch, setup))
    const outcome = {
      batch,
      verdict,
      repeatedIds,
      events: eventsOf({ pipeline: setup.pipeline, baseline: setup.baselineDigest }, batch, verdict, judgement),
    }
    await delivery.commit(outcome)
    watch(outcome)
    failures = judgement.failed.length > 0 ? failures + 1 : 0
    const broken = judgement.failed[0]
    if (failures >= failuresInARow && broken !== undefined) {
      throw new TasterError(
        'DETECTOR_FAILED',
        `Detector ${broken.detector} failed ${failures} batches in a row: ${broken.message}`,
      )
    }
  }

  const deliveries = source[Symbol.asyncIterator]()
  const take = async (): Promise<InHand | null> => {
    const { done, value: delivery } = await deliveries.next()
    if (done === true) return null
    const { batch, repeatedIds } = verify(decode(delivery.messages, setup.fields, setup.limits), setup.verify, seen)
    return { delivery, batch, repeatedIds, judged: awaitedLater(judge.judge(recordsOf(batch), startOf(batch))) }
  }

  let next = awaitedLater(take())
  while (!signal.aborted) {
    const inHand = await next
    if (inHand === null) return
    next = awaitedLater(take())
    await finish(inHand)
  }
}

interface InHand {
  readonly delivery: Delivery
  readonly batch: Batch
  readonly repeatedIds: number
  readonly judged: Promise<Judgement>
}

/** A promise whose rejection is seen where it is awaited, and does not end the process before that. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** What the judge needs of a batch: not the messages' bytes. */
function recordsOf({ id, source, label, at, content }: Batch): Records {
  return { id, source, label, at, content }
}

function startOf(batch: Batch): Position {
  const first = batch.messages[0]
  if (first === undefined) throw new TasterError('INVARIANT_BROKEN', 'A delivery came without messages')
  return first.at
}

function verdictId(batch: Batch, { baselineDigest, policyDigest, engine }: Setup): Verdict['id'] {
  return createHash('sha256').update([batch.digest, baselineDigest, policyDigest, engine].join('\n')).digest('hex')
}
