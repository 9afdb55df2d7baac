import { describe, expect, it } from 'vitest'
import { openRate } from '../../../src/cli/rate.ts'

/** Spends `cost` at a time for `ms` of a clock of its own, and counts. */
function run(perSecond: number, ms: number, cost = 1, stallAt = -1, stallMs = 0) {
  let now = 1000
  let stalled = false
  const rate = openRate(perSecond, () => now)
  const waits: number[] = []
  let spent = 0
  while (now < 1000 + ms) {
    const wait = rate.wait()
    if (wait > 0) {
      waits.push(wait)
      now += wait
      if (!stalled && stallAt >= 0 && now >= 1000 + stallAt) {
        stalled = true
        now += stallMs
      }
      continue
    }
    rate.spend(cost)
    spent += cost
    now += 0.01
  }
  return { spent, waits }
}

describe('a rate', () => {
  it.each([0.5, 1, 7, 333, 10_000])('of %d a second holds over ten minutes', (perSecond) => {
    const { spent } = run(perSecond, 600_000)
    expect(Math.abs(spent - perSecond * 600)).toBeLessThanOrEqual(Math.max(1, perSecond * 0.03))
  })

  it('holds where each step costs more than a second allows', () => {
    expect(run(10, 600_000, 100).spent).toBeCloseTo(6000, -2)
  })

  it('makes up for one lost second at most', () => {
    const { spent } = run(100, 60_000, 1, 20_000, 10_000)
    expect(spent).toBeGreaterThanOrEqual(100 * 51 - 5)
    expect(spent).toBeLessThanOrEqual(100 * 51 + 5)
  })

  it('waits for more than one at a time where they come fast', () => {
    const { waits } = run(10_000, 10_000)
    expect(Math.min(...waits)).toBeGreaterThan(1)
  })
})
