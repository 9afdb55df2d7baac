import { Worker } from 'node:worker_threads'
import type { FitInput, FitStep } from '../baseline/fit.ts'
import type { Manifest } from '../baseline/manifest.ts'
import type { Records } from '../core/batch.ts'
import { TasterError, type Code, type Problem } from '../core/errors.ts'
import type { Position } from '../core/message.ts'
import type { Budget } from './budget.ts'
import type { Judge, Judgement } from './judge.ts'

export type Question = { readonly id: number } & (
  | { readonly ask: 'backend'; readonly preferred?: 'wasm' | 'cpu' }
  | { readonly ask: 'fit'; readonly baseline: Omit<FitInput, 'onProgress'>; readonly folder: string }
  | { readonly ask: 'open'; readonly folder: string; readonly digest?: string; readonly budget: Budget }
  | { readonly ask: 'judge'; readonly records: Records; readonly at: Position }
)

export interface Failure {
  readonly code: Code | null // null: not an error of ours
  readonly message: string
  readonly problems: readonly Problem[]
}

export type Answer = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly failure: Failure }
  | { readonly progress: FitStep }
)

export interface BaselineInfo {
  readonly digest: string
  readonly manifest: Manifest
}

/** The main thread's side of the worker that owns the device. */
export interface Desk {
  /** Starts the compute backend; `detail` says why a better one is not used. */
  backend(preferred?: 'wasm' | 'cpu'): Promise<{ name: string; detail: string }>
  /** Fits a baseline and stores it in `folder`. */
  fit(baseline: Omit<FitInput, 'onProgress'>, folder: string, progress: (step: FitStep) => void): Promise<BaselineInfo>
  /** Loads and verifies a stored baseline and gets ready to judge by it. */
  open(folder: string, budget: Budget, digest?: string): Promise<Judge & BaselineInfo>
  close(): Promise<void>
}

type Asked = Question extends infer Q ? (Q extends { readonly id: number } ? Omit<Q, 'id'> : never) : never

export function openDesk(): Desk {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url))
  const waiting = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void; progress?(step: FitStep): void }
  >()
  let lastId = 0
  let broken: Error | undefined

  const fail = (error: Error) => {
    broken = error
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
    worker.unref()
  }
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    if (asked === undefined) return
    if ('progress' in answer) {
      asked.progress?.(answer.progress)
      return
    }
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
    if ('failure' in answer) asked.reject(errorOf(answer.failure))
    else asked.resolve(answer.result)
  })
  worker.on('error', (error: Error) =>
    fail(new TasterError('INVARIANT_BROKEN', `The compute thread died: ${error.message}`, { cause: error })),
  )
  worker.on('exit', (code) => fail(new TasterError('INVARIANT_BROKEN', `The compute thread ended with code ${code}`)))
  worker.unref()

  const ask = <T>(question: Asked, progress?: (step: FitStep) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) {
        reject(broken)
        return
      }
      worker.ref()
      const id = ++lastId
      waiting.set(id, {
        resolve: (value) => resolve(value as T),
        reject,
        ...(progress === undefined ? {} : { progress }),
      })
      worker.postMessage({ id, ...question })
    })

  return {
    backend: (preferred) => ask({ ask: 'backend', ...(preferred === undefined ? {} : { preferred }) }),
    fit: (baseline, folder, progress) => ask({ ask: 'fit', baseline, folder }, progress),
    async open(folder, budget, digest) {
      const info = await ask<BaselineInfo>({ ask: 'open', folder, budget, ...(digest === undefined ? {} : { digest }) })
      return { ...info, judge: (records, at) => ask<Judgement>({ ask: 'judge', records, at }), close: async () => {} }
    },
    async close() {
      worker.ref() // or the process may end before the thread has
      await worker.terminate()
    },
  }
}

function errorOf({ code, message, problems }: Failure): Error {
  return code === null ? new Error(message) : new TasterError(code, message, { problems })
}
