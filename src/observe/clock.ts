/** Time for what watches and limits: it never goes back. */
export interface Clock {
  now(): number // ms since some instant
  /** Calls `tick` every so many ms until the function that it returns is called. Does not keep the process running. */
  every(ms: number, tick: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}
