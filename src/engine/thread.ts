import { Worker } from 'node:worker_threads'
import type { FitStep } from '../baseline/fit.ts'
import { TasterError } from '../core/errors.ts'
import { questionCell, stageCell, type Answer, type Asked, type Failure } from './protocol.ts'

export interface AskOptions {
  readonly progress?: (step: FitStep) => void
  readonly deadline?: Deadline
}

/** How long an answer may take once the thread is at it, and what it can be at meanwhile. */
export interface Deadline {
  readonly milliseconds: number
  readonly stages: readonly string[]
}

interface Waiting {
  readonly id: number
  readonly options: AskOptions
  resolve(value: unknown): void
  reject(error: Error): void
}

/** One life of a compute thread. Questions are answered in the order asked. */
export interface Thread {
  /**
   * Rejects with JUDGE_LOST where the thread has ended or ends before it answers. A question that has a deadline rejects
   * with DETECTOR_TIMED_OUT where the thread is ended because that has passed, and with DETECTOR_CRASHED where the thread
   * ended while it was at this very question: asked again, it might end the next one too.
   */
  ask<T>(question: Asked, options?: AskOptions): Promise<T>
  readonly lost: boolean
  end(): Promise<void>
}

export function startThread(): Thread {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const cells = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: { cells } })
  const waiting = new Map<number, Waiting>() // in the order asked: the thread is at the first
  let lastId = 0
  let lost: TasterError | undefined
  let timer: NodeJS.Timeout | undefined

  const lose = (why: string, cause?: unknown) => {
    lost ??= new TasterError('JUDGE_LOST', `The compute thread ended: ${why}. Start the judge again`, { cause })
    clearTimeout(timer)
    const asked = [...waiting.values()]
    waiting.clear()
    for (const each of asked) each.reject(lost)
    worker.unref()
  }

  /** Watches the first question that waits. */
  const watch = () => {
    clearTimeout(timer)
    const [first] = waiting.values()
    if (first === undefined) worker.unref()
    const deadline = first?.options.deadline
    if (first === undefined || deadline === undefined) return
    timer = setTimeout(() => {
      // An answer that is on its way is not late: this thread was busy.
      if (Atomics.load(cells, questionCell) !== first.id) watch()
      else expire(first, deadline)
    }, deadline.milliseconds)
  }

  const expire = (late: Waiting, { milliseconds, stages }: Deadline) => {
    const at = stages[Atomics.load(cells, stageCell)] ?? 'judging'
    waiting.delete(late.id)
    late.reject(timedOut(at, milliseconds))
    lose(`${at} was still at work on a batch when its ${milliseconds / 1000} s were over`)
    void worker.terminate()
  }

  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    if (asked === undefined) return
    if ('progress' in answer) {
      asked.options.progress?.(answer.progress)
      return
    }
    waiting.delete(answer.id)
    watch()
    if ('failure' in answer) asked.reject(errorOf(answer.failure))
    else asked.resolve(answer.result)
  })
  const crash = (why: string, cause?: unknown) => {
    const [first] = waiting.values()
    const deadline = first?.options.deadline
    if (first !== undefined && deadline !== undefined && Atomics.load(cells, questionCell) === first.id) {
      waiting.delete(first.id)
      first.reject(crashed(deadline.stages[Atomics.load(cells, stageCell)] ?? 'judging', why, cause))
    }
    lose(why, cause)
  }

  worker.on('error', (error: Error) => crash(error.message, error))
  worker.on('exit', (code) => crash(`exit code ${code}`))
  worker.unref()

  return {
    get lost() {
      return lost !== undefined
    },
    ask: <T>(question: Asked, options: AskOptions = {}) =>
      new Promise<T>((resolve, reject) => {
        if (lost !== undefined) {
          reject(lost)
          return
        }
        const id = ++lastId
        worker.postMessage({ id, ...question })
        worker.ref()
        waiting.set(id, { id, options, resolve: (value) => resolve(value as T), reject })
        if (waiting.size === 1) watch()
      }),
    async end() {
      lose('it was told to')
      worker.ref() // or the process may end before the thread has
      await worker.terminate()
    },
  }
}

function timedOut(stage: string, milliseconds: number): TasterError {
  const message = `No judgement within ${milliseconds / 1000} s: ${stage} was still at work`
  return new TasterError('DETECTOR_TIMED_OUT', message, {
    problems: [
      {
        where: stage,
        message,
        remedy:
          'give batches more time (policy.deadlineSeconds) or fewer records (input.batch.records), or leave the detector out',
      },
    ],
  })
}

function crashed(stage: string, why: string, cause: unknown): TasterError {
  const message = `The compute thread ended while ${stage} was at work: ${why}`
  const remedy =
    'give the process more memory, or batches fewer records (input.batch.records), or leave the detector out'
  return new TasterError('DETECTOR_CRASHED', message, { cause, problems: [{ where: stage, message, remedy }] })
}

function errorOf({ code, message, problems }: Failure): Error {
  return code === null ? new Error(message) : new TasterError(code, message, { problems })
}
