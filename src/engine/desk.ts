import type { FitInput, FitStep } from '../baseline/fit.ts'
import { TasterError } from '../core/errors.ts'
import type { Budget } from './budget.ts'
import type { Judge, Judgement } from './judge.ts'
import type { Asked, BaselineInfo, OpenedInfo } from './protocol.ts'
import { startThread, type Thread } from './thread.ts'

export type { BaselineInfo } from './protocol.ts'

/** A baseline in the compute thread: loaded once, for as many streams as are judged by it. */
export interface Opened extends BaselineInfo {
  /** A judge for one stream, with nothing learnt or all that a snapshot holds. Throws STATE_BROKEN. */
  start(snapshot?: Uint8Array): Promise<Judge>
  /** Gives its memory back; its judges end with it. */
  close(): Promise<void>
}

export interface OpenOptions {
  readonly deadlineMs?: number // that one batch may take from when the thread begins with it; without it, any time
}

/**
 * The main thread's side of the thread that owns the device. Where that thread ends, because a batch took too long
 * (its question rejects with DETECTOR_TIMED_OUT) or by itself, everything else that waits, and everything that was
 * opened, rejects with JUDGE_LOST; what is asked of the desk after that starts a fresh one.
 */
export interface Desk {
  /** Starts the compute backend; `detail` says why a better one is not used. */
  backend(preferred?: 'wasm' | 'cpu'): Promise<{ name: string; detail: string }>
  /** Fits a baseline and stores it in `folder`. */
  fit(baseline: Omit<FitInput, 'onProgress'>, folder: string, progress: (step: FitStep) => void): Promise<BaselineInfo>
  /** Loads and verifies a stored baseline, which must have the digest where one is given. */
  open(folder: string, budget: Budget, digest?: string, options?: OpenOptions): Promise<Opened>
  close(): Promise<void>
}

export function openDesk(): Desk {
  let thread: Thread | undefined
  let closed = false

  const current = (): Thread => {
    if (closed) throw new TasterError('JUDGE_LOST', 'The desk is closed: nothing more can be asked of it')
    if (thread === undefined || thread.lost) thread = startThread()
    return thread
  }

  return {
    backend: async (preferred) => current().ask({ ask: 'backend', ...(preferred !== undefined && { preferred }) }),
    fit: async (baseline, folder, progress) => current().ask({ ask: 'fit', baseline, folder }, { progress }),
    async open(folder, budget, digest, { deadlineMs } = {}) {
      const on = current()
      const info = await on.ask<OpenedInfo>({ ask: 'open', folder, ...(digest !== undefined && { digest }) })
      return openedOn(on, info, budget, deadlineMs)
    },
    async close() {
      closed = true
      await thread?.end()
    },
  }
}

function openedOn(thread: Thread, info: OpenedInfo, budget: Budget, deadlineMs: number | undefined): Opened {
  const { stages, digest, manifest } = info
  const options = deadlineMs === undefined ? {} : { deadline: { milliseconds: deadlineMs, stages } }
  const judges = new Set<Judge>()
  let open = true

  /** What a thread held is gone with it. */
  const unlessLost = async (question: Asked): Promise<void> => {
    try {
      await thread.ask(question)
    } catch (error) {
      if (!thread.lost) throw error
    }
  }
  return {
    digest,
    manifest,
    async start(snapshot) {
      const before = snapshot === undefined ? {} : { snapshot }
      const id = await thread.ask<number>({ ask: 'start', baseline: digest, budget, ...before })
      const judge: Judge = {
        judge: (records, at) => thread.ask<Judgement>({ ask: 'judge', judge: id, records, at }, options),
        snapshot: () => thread.ask<Uint8Array>({ ask: 'snapshot', judge: id }),
        async close() {
          if (judges.delete(judge)) await unlessLost({ ask: 'end', judge: id })
        },
      }
      judges.add(judge)
      return judge
    },
    async close() {
      if (!open) return
      open = false
      await Promise.all([...judges].map((judge) => judge.close()))
      await unlessLost({ ask: 'close', baseline: digest })
    },
  }
}
