import type { Clock } from './clock.ts'
import type { Health } from './health.ts'

const mostBetweenMs = 5000

/**
 * Calls `expire`, once, when something stood still for longer than it may: the process cannot help itself any more, and
 * whoever supervises it should start another. Time counts only while the process runs: after it was stopped and goes on,
 * it has what was left of its time.
 */
export function openWatchdog(
  health: Health,
  limitSeconds: number,
  clock: Clock,
  expire: (reason: string) => void,
): { close(): void } {
  const limitMs = limitSeconds * 1000
  const everyMs = Math.min(mostBetweenMs, limitMs / 4)
  let last = clock.now()
  const stop = clock.every(everyMs, () => {
    const now = clock.now()
    health.pass(Math.min(now - last, 2 * everyMs))
    last = now
    const reasons = health.stuck(limitMs)
    if (reasons.length === 0) return
    stop()
    expire(reasons.join('; '))
  })
  return { close: stop }
}
