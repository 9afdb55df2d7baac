import type { Clock } from '../../../src/observe/clock.ts'

export interface FakeClock extends Clock {
  /** Lets time pass, with every tick that falls into it. */
  pass(ms: number): void
  /** Time passes while nothing runs, as for a stopped process. */
  sleep(ms: number): void
}

export function fakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ readonly every: number; readonly tick: () => void; due: number }>()
  return {
    now: () => now,
    every(ms, tick) {
      const timer = { every: ms, tick, due: now + ms }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    pass(ms) {
      const until = now + ms
      for (;;) {
        const [next] = [...timers].filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)
        if (next === undefined) break
        now = Math.max(now, next.due)
        next.due = now + next.every
        next.tick()
      }
      now = until
    },
    sleep: (ms) => (now += ms),
  }
}
