import { expect, it } from 'vitest'
import { logPToE } from '../../../src/stats/log-p-to-e.ts'

it('is worth at most one on average over uniform p', () => {
  // ∫ e(p) dp is 1; its lower sum over a grid, plus what lies below the grid, must come near it from below
  const steps = 100_000
  let sum = 0
  for (let i = 1; i <= steps; i++) sum += Math.exp(logPToE(i / steps)) / steps
  const below = [0.05, 0.1, 0.25, 0.5].reduce((total, k) => total + steps ** -k / 4, 0)
  expect(sum).toBeLessThan(1)
  expect(sum + below).toBeGreaterThan(0.99)
})

it('is infinite at zero and the mean of the bets at one', () => {
  expect(logPToE(0)).toBe(Infinity)
  expect(logPToE(1)).toBeCloseTo(Math.log(0.225), 15)
  expect(logPToE(NaN)).toBeNaN()
})
