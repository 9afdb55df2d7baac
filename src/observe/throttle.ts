import type { Clock } from './clock.ts'

interface Turn {
  readonly at: number
  leftOut: number
}

/** How often a line was left out since it was last let through; null: leave this one out too. */
export type Throttle = (key: string) => number | null

const mostKeys = 1000

/** Lets a line through once in so many ms, each key for itself. Of many keys, those let through longest ago are forgotten. */
export function openThrottle(clock: Clock, everyMs: number): Throttle {
  const turns = new Map<string, Turn>()
  return (key) => {
    const last = turns.get(key)
    if (last !== undefined && clock.now() - last.at < everyMs) {
      last.leftOut++
      return null
    }
    turns.delete(key)
    turns.set(key, { at: clock.now(), leftOut: 0 })
    const [oldest] = turns.keys()
    if (turns.size > mostKeys && oldest !== undefined) turns.delete(oldest)
    return last?.leftOut ?? 0
  }
}
