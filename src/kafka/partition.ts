import { setTimeout as sleep } from 'node:timers/promises'
import { codes, TasterError } from '../core/errors.ts'
import { failuresInARow, isDeadly, type Streak } from '../engine/line.ts'
import { backOffMs } from './back-off.ts'
import type { Context } from './context.ts'
import { kafkaFailure } from './failure.ts'
import { openLag, type Lag } from './lag.ts'
import { runSession } from './session.ts'
import { defaultRequestBytes } from './transactor.ts'

const firstPauseMs = 500
const smallRequestBytes = 16_384
const lagEveryMs = 5_000

/** The line of one partition, from its assignment until `signal` aborts. Rejects where trying again would not help. */
export async function runPartition(context: Context, partition: number, signal: AbortSignal): Promise<void> {
  const lag = openLag()
  // Told also while the partition cannot be worked on: then it counts most.
  const telling = setInterval(() => {
    const behind = lag.behind()
    if (behind !== null) context.notify({ kind: 'lag', partition, ...behind })
  }, lagEveryMs)
  try {
    await attempts(context, partition, signal, lag)
  } finally {
    clearInterval(telling)
  }
}

async function attempts(context: Context, partition: number, signal: AbortSignal, lag: Lag): Promise<void> {
  const streak: Streak = { failures: 0 }
  const deadly = new Set<bigint>()
  let requestBytes = defaultRequestBytes
  let fruitless = 0 // attempts in a row that ended with their judge before a batch was committed
  for (let attempt = 0; !signal.aborted; attempt++) {
    let progress = false
    const known = deadly.size
    try {
      await runSession(context, partition, {
        rebuild: context.rebuildEvidence && !context.rebuilt.has(partition),
        deadly,
        streak,
        lag,
        requestBytes,
        signal,
        opened: () => context.rebuilt.add(partition),
        progressed: () => (progress = true),
      })
      return
    } catch (error) {
      const failure = kafkaFailure(error, `running partition ${partition} of ${context.topics.input}`)
      context.notify({ kind: 'closed', partition, reason: error === signal.reason ? 'stopped' : failure.code })
      if (signal.aborted) return
      if (!canTryAgain(failure)) throw failure
      if (progress || deadly.size > known) fruitless = 0
      else if (isDeadly(failure) && ++fruitless >= failuresInARow) throw cannotRestore(partition, failure)
      const judgeIsGone = isDeadly(failure) || failure.code === 'JUDGE_LOST'
      // A topic may take less than is usual in one request, and yet each of the messages. Where small requests did not help
      // it is a message that is too large: usual ones are back when the topic takes it.
      if (failure.code === 'MESSAGE_TOO_LARGE')
        requestBytes = requestBytes > smallRequestBytes ? Math.ceil(requestBytes / 8) : defaultRequestBytes
      if (progress) attempt = 0
      await pause(context, partition, failure, judgeIsGone ? 0 : attempt, signal)
    }
  }
}

function cannotRestore(partition: number, cause: TasterError): TasterError {
  const { message, problems } = cause
  const what = `The evidence of partition ${partition} cannot be restored: what was judged before could not be judged again`
  return new TasterError('DETECTOR_FAILED', `${what}. ${message}`, { cause, problems })
}

function canTryAgain(failure: TasterError): boolean {
  return codes[failure.code] === 'UnavailableError' || isDeadly(failure)
}

async function pause(
  { notify, confirmed }: Context,
  partition: number,
  error: TasterError,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  // Half of it is chance, so that partitions that failed together don't all come back together.
  const full = backOffMs(firstPauseMs, attempt)
  const afterMs = Math.round(full / 2 + (full / 2) * Math.random())
  notify({ kind: 'aborted', partition, error })
  notify({ kind: 'retrying', partition, error, afterMs })
  await sleep(afterMs, undefined, { signal }).catch(() => {})
  // Fenced: another member may own the partition by now. Taking it back before the group says that it is ours would fence that member in turn.
  if (error.code === 'PRODUCER_FENCED') await confirmed(signal)
}
