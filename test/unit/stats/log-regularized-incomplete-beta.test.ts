import { expect, it } from 'vitest'
import { logRegularizedIncompleteBeta } from '../../../src/stats/log-regularized-incomplete-beta.ts'

it('is a ln x for Beta(a, 1), however small', () => {
  for (const a of [1, 30, 1e5]) {
    expect(logRegularizedIncompleteBeta(1e-200, a, 1) / (a * Math.log(1e-200))).toBeCloseTo(1, 14)
  }
})

it('is −∞ at 0 and 0 at 1', () => {
  expect(logRegularizedIncompleteBeta(0, 2, 3)).toBe(-Infinity)
  expect(logRegularizedIncompleteBeta(1, 2, 3)).toBe(0)
  expect(() => logRegularizedIncompleteBeta(2, 2, 3)).toThrow(RangeError)
})
