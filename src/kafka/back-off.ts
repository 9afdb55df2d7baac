const longestMs = 30_000

/** How long to wait before the next attempt: twice as long each time, up to 30 s. `attempt` counts from 0. */
export function backOffMs(firstMs: number, attempt: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 10))
}
