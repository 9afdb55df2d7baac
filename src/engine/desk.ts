import type { FitInput, FitStep } from '../baseline/fit.ts'
import { TasterError } from '../core/errors.ts'
import type { Budget } from './budget.ts'
import type { Judge, Judgement } from './judge.ts'
import type { Asked, BaselineInfo, OpenedInfo } from './protocol.ts'
import type { Thread } from './thread.ts'
import { openThreads, type Threads } from './threads.ts'

export type { BaselineInfo } from './protocol.ts'

/** A baseline for as many streams as are judged by it: loaded once in each compute thread that judges one of them. */
export interface Opened extends BaselineInfo {
  /**
   * A judge for one stream, with nothing learnt or all that a snapshot holds. It lives on one thread, the one that has
   * least to do when it is started. Throws STATE_BROKEN, and BASELINE_MISMATCH where the folder holds another baseline now.
   */
  start(snapshot?: Uint8Array): Promise<Judge>
  /** Gives its memory back; its judges end with it. */
  close(): Promise<void>
}

export interface OpenOptions {
  readonly deadlineMs?: number // that one batch may take from when the thread begins with it; without it, any time
  readonly tests?: boolean // judgements hold the p-values of their batch
}

export interface DeskOptions {
  readonly threads?: number // compute threads, at most: each is started when a judge needs it; 1 unless said
}

/**
 * The main thread's side of the compute threads. Where one of them ends, because a batch took too long (its question
 * rejects with DETECTOR_TIMED_OUT) or by itself, everything else that waits for it rejects with JUDGE_LOST, and so does
 * all that is asked of the judges that lived on it. The others go on; a judge that is started after that gets a thread
 * that lives.
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

export function openDesk({ threads: most = 1 }: DeskOptions = {}): Desk {
  const threads = openThreads(most)
  return {
    backend: async (preferred) =>
      threads.leastLoaded().thread.ask({ ask: 'backend', ...(preferred !== undefined && { preferred }) }),
    async fit(baseline, folder, progress) {
      const on = threads.leastLoaded()
      on.load++
      try {
        return await on.thread.ask({ ask: 'fit', baseline, folder }, { progress })
      } finally {
        on.load--
      }
    },
    async open(folder, budget, digest, { deadlineMs, tests = false } = {}) {
      const { thread } = threads.leastLoaded()
      const info = await thread.ask<OpenedInfo>({ ask: 'open', folder, ...(digest !== undefined && { digest }) })
      return openedOn(threads, thread, { folder, info, budget, deadlineMs, tests })
    },
    close: () => threads.end(),
  }
}

interface Opening {
  readonly folder: string
  readonly info: OpenedInfo
  readonly budget: Budget
  readonly deadlineMs: number | undefined
  readonly tests: boolean
}

function openedOn(threads: Threads, first: Thread, { folder, info, budget, deadlineMs, tests }: Opening): Opened {
  const { stages, digest, manifest } = info
  const options = deadlineMs === undefined ? {} : { deadline: { milliseconds: deadlineMs, stages } }
  const loaded = new Map<Thread, Promise<unknown>>([[first, Promise.resolve(info)]]) // where the baseline is
  const judges = new Set<Judge>()
  let open = true

  const load = (thread: Thread): Promise<unknown> => {
    for (const each of loaded.keys()) if (each.lost) loaded.delete(each)
    let loading = loaded.get(thread)
    if (loading === undefined) {
      loading = thread.ask({ ask: 'open', folder, digest })
      loaded.set(thread, loading)
      loading.catch(() => loaded.delete(thread))
    }
    return loading
  }
  /** What is started while the baseline is closed would never be ended. */
  const mustBeOpen = () => {
    if (!open) throw new TasterError('JUDGE_LOST', 'The baseline is closed: no judge can be started by it')
  }
  return {
    digest,
    manifest,
    async start(snapshot) {
      mustBeOpen()
      const on = threads.leastLoaded((thread) => loaded.has(thread))
      const { thread } = on
      on.load++
      try {
        await load(thread)
        mustBeOpen()
        const before = snapshot === undefined ? {} : { snapshot }
        const id = await thread.ask<number>({ ask: 'start', baseline: digest, budget, tests, ...before })
        if (!open) await unlessLost(thread, { ask: 'end', judge: id })
        mustBeOpen()
        const judge: Judge = {
          judge: (records, at) => thread.ask<Judgement>({ ask: 'judge', judge: id, records, at }, options),
          snapshot: () => thread.ask<Uint8Array>({ ask: 'snapshot', judge: id }),
          async close() {
            if (!judges.delete(judge)) return
            on.load--
            await unlessLost(thread, { ask: 'end', judge: id })
          },
        }
        judges.add(judge)
        return judge
      } catch (error) {
        on.load--
        throw error
      }
    },
    async close() {
      if (!open) return
      open = false
      await Promise.all([...judges].map((judge) => judge.close()))
      await Promise.all(
        [...loaded].map(async ([thread, loading]) => {
          const isThere = await loading.then(
            () => true,
            () => false,
          )
          if (isThere) await unlessLost(thread, { ask: 'close', baseline: digest })
        }),
      )
    },
  }
}

/** What a thread held is gone with it. */
async function unlessLost(thread: Thread, question: Asked): Promise<void> {
  try {
    await thread.ask(question)
  } catch (error) {
    if (!thread.lost) throw error
  }
}
