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

it('is ln x for Beta(1, 1), and the arcsine law for Beta(½, ½)', () => {
  for (const x of [1e-300, 0.2, 0.5, 0.9]) {
    expect(logRegularizedIncompleteBeta(x, 1, 1)).toBeCloseTo(Math.log(x), 12)
    expect(Math.exp(logRegularizedIncompleteBeta(x, 0.5, 0.5))).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 14)
  }
})

it('takes 1 − x where it is known better than the difference', () => {
  expect(logRegularizedIncompleteBeta(1, 1, 2, 1e-20) / -1e-40).toBeCloseTo(1, 13)
  expect(logRegularizedIncompleteBeta(1e-20, 2, 1, 1)).toBeCloseTo(Math.log(1e-40), 12)
})

it('refuses what is no probability and no shape', () => {
  for (const [x, a, b] of [
    [-0.1, 1, 1],
    [NaN, 1, 1],
    [0.5, 0, 1],
    [0.5, 1, -1],
  ] as const) {
    expect(() => logRegularizedIncompleteBeta(x, a, b)).toThrow(RangeError)
  }
})
