import { createHash } from 'node:crypto'
import type { Batch, Records } from '../core/batch.ts'
import { TasterError } from '../core/errors.ts'
import type { Delivery, Outcome, Source } from '../core/line.ts'
import type { Message, Position } from '../core/message.ts'
import type { Stage } from '../core/notice.ts'
import type { Verdict } from '../core/verdict.ts'
import { decide, type Policy } from './decide.ts'
import { decode } from './decode.ts'
import type { Fields } from './decode/fields.ts'
import type { Limits } from './decode/limits.ts'
import { eventsOf } from './events.ts'
import type { Judgement } from './judge.ts'
import { verify, type Rules } from './verify.ts'
import type { Learning } from './learning.ts'

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

export interface RunOptions {
  readonly watch?: (outcome: Outcome) => void // is told of each batch once it is committed
  readonly stage?: (stage: Stage, seconds: number) => void
  /** Batches that may be committed at once; 1 unless a source writes several as one. */
  readonly uncommitted?: number
  /** Batches in a row that could not be judged; counted on where a source is opened again. */
  readonly streak?: Streak
}

export interface Streak {
  failures: number
}

/** A detector that fails this many batches in a row is broken, not unlucky. */
export const failuresInARow = 5

/**
 * The line: decode → verify → encode → measure → weigh → decide → emit. The middle three are the judge's, in the compute
 * thread that it lives on; while one batch is judged and committed the next is read and decoded. Batches are committed in
 * order, each as soon as it is judged.
 * Ends at the source's end or, once `signal` aborts, after the batches that were taken in: then nothing is learnt that is
 * not committed. Rejects where a batch cannot be committed;
 * where one was not judged, after it has been committed as unscored, since its judge is gone then.
 */
export async function run(
  source: Source,
  { judge, seen, snapshot }: Learning,
  setup: Setup,
  signal: AbortSignal,
  options: RunOptions = {},
): Promise<void> {
  const { watch, stage, uncommitted = 1, streak = { failures: 0 } } = options
  const commits = inOrder()

  const finish = async ({ delivery, batch, repeatedIds, judged, snapshotted }: InHand): Promise<void> => {
    const { judgement, late } = await orUnscored(judged)
    const verdict = decide(batch, judgement, setup.policy, verdictId(batch, setup))
    const outcome: Outcome = {
      batch,
      verdict,
      repeatedIds,
      events: eventsOf({ pipeline: setup.pipeline, baseline: setup.baselineDigest }, batch, verdict, judgement),
      unscored: late !== null,
      ...(judgement.tests !== undefined && { tests: judgement.tests }),
      snapshot: late === null ? await snapshotted : null,
    }
    commits.add(delivery.commit(outcome).then(() => watch?.(outcome)))
    await commits.untilBelow(late === null ? uncommitted : 1)
    streak.failures = judgement.failed.length > 0 ? streak.failures + 1 : 0
    const broken = judgement.failed[0]
    if (streak.failures >= failuresInARow && broken !== undefined) {
      await commits.untilBelow(1)
      throw new TasterError(
        'DETECTOR_FAILED',
        `Detector ${broken.detector} failed ${streak.failures} batches in a row: ${broken.message}`,
      )
    }
    if (late !== null) throw late
  }

  const deliveries = source[Symbol.asyncIterator]()
  const take = async (): Promise<InHand | null> => {
    const { done, value: delivery } = await deliveries.next()
    if (done === true) return null
    const started = performance.now()
    const { batch, repeatedIds } = verify(decode(delivery.messages, setup.fields, setup.limits), setup.verify, seen)
    const decoded = performance.now()
    stage?.('decode', (decoded - started) / 1000)
    const judged = awaitedLater(judge.judge(recordsOf(batch), startOf(batch.messages)))
    const timed = judged.then(() => stage?.('judge', (performance.now() - decoded) / 1000))
    void awaitedLater(timed)
    const snapshotted = delivery.wantsSnapshot === true ? awaitedLater(snapshot()) : Promise.resolve(null)
    return { delivery, batch, repeatedIds, judged, snapshotted }
  }

  let next: Promise<InHand | null> | null = signal.aborted ? null : awaitedLater(take())
  try {
    while (next !== null) {
      const inHand: InHand | null = await next
      if (inHand === null) break
      next = signal.aborted ? null : awaitedLater(take())
      await finish(inHand)
    }
    await commits.untilBelow(1)
  } finally {
    await commits.settled() // whoever opens the source again must find nothing under way
  }
}

interface InHand {
  readonly delivery: Delivery
  readonly batch: Batch
  readonly repeatedIds: number
  readonly judged: Promise<Judgement>
  readonly snapshotted: Promise<Uint8Array | null>
}

/** Judges batches of messages again for what they teach, and tells nobody; of a deadly one, `deadly`. */
export async function remeasure(
  batches: AsyncIterable<readonly Message[]>,
  { judge, seen }: Learning,
  setup: Setup,
  deadly: (at: Position) => void = () => {},
): Promise<{ readonly records: number }> {
  let records = 0
  let before: Promise<unknown> = Promise.resolve()
  for await (const messages of batches) {
    const { batch } = verify(decode(messages, setup.fields, setup.limits), setup.verify, seen)
    records += batch.id.length
    const at = startOf(messages)
    const judged = awaitedLater(
      judge.judge(recordsOf(batch), at).catch((error: unknown) => {
        if (isDeadly(error)) deadly(at)
        throw error
      }),
    )
    await before
    before = judged
  }
  await before
  return { records }
}

/** Commits that are under way; they end in the order in which they were added. */
function inOrder() {
  const under: Promise<unknown>[] = []
  return {
    add: (commit: Promise<unknown>) => under.push(awaitedLater(commit)),
    async untilBelow(count: number) {
      while (under.length >= count) await under.shift()
    },
    settled: () => Promise.allSettled(under),
  }
}

/** Whether a batch has cost the judge its life: asked again, it would the next one's too. */
export function isDeadly(
  error: unknown,
): error is TasterError & { readonly code: 'DETECTOR_TIMED_OUT' | 'DETECTOR_CRASHED' } {
  return error instanceof TasterError && (error.code === 'DETECTOR_TIMED_OUT' || error.code === 'DETECTOR_CRASHED')
}

/** A judgement that will never come is one: the batch could not be judged, so it must not pass. */
async function orUnscored(judged: Promise<Judgement>): Promise<{ judgement: Judgement; late: TasterError | null }> {
  try {
    return { judgement: await judged, late: null }
  } catch (error) {
    if (!isDeadly(error)) throw error
    const failed = [{ detector: error.problems[0]?.where ?? 'judging', message: `unscored: ${error.message}` }]
    return { judgement: { findings: [], cleared: [], insufficient: [], failed }, late: error }
  }
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

function startOf([first]: readonly Message[]): Position {
  if (first === undefined) throw new TasterError('INVARIANT_BROKEN', 'A delivery came without messages')
  return first.at
}

function verdictId(batch: Batch, { baselineDigest, policyDigest, engine }: Setup): Verdict['id'] {
  return createHash('sha256').update([batch.digest, baselineDigest, policyDigest, engine].join('\n')).digest('hex')
}
