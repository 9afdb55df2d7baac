import { TasterError } from '../core/errors.ts'
import { startThread, type Thread } from './thread.ts'

/** A compute thread, and how much it has to do: judges that live on it, and baselines that it is fitting. */
export interface Worked {
  readonly thread: Thread
  load: number
}

export interface Threads {
  /**
   * The thread that has least to do; of several, one that `preferred` names where there is one. A thread more is started
   * where all have something to do and there may be more of them.
   */
  leastLoaded(preferred?: (thread: Thread) => boolean): Worked
  /** Ends all of them, for good. */
  end(): Promise<void>
}

export function openThreads(most: number): Threads {
  let running: Worked[] = []
  let closed = false
  return {
    leastLoaded(preferred = () => false) {
      if (closed) throw new TasterError('JUDGE_LOST', 'The desk is closed: nothing more can be asked of it')
      running = running.filter(({ thread }) => !thread.lost)
      const least = Math.min(...running.map(({ load }) => load))
      const candidates = running.filter(({ load }) => load === least)
      const [first] = candidates
      if (first !== undefined && (least === 0 || running.length >= most))
        return candidates.find(({ thread }) => preferred(thread)) ?? first
      const started = { thread: startThread(), load: 0 }
      running.push(started)
      return started
    },
    async end() {
      closed = true
      await Promise.all(running.map(({ thread }) => thread.end()))
    },
  }
}
