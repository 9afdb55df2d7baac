import { expect, it } from 'vitest'
import { regularizedIncompleteBeta } from '../../../src/stats/regularized-incomplete-beta.ts'

it('is x for Beta(1, 1), and the arcsine law for Beta(½, ½)', () => {
  for (const x of [0, 1e-300, 0.2, 0.5, 0.9, 1]) {
    expect(regularizedIncompleteBeta(x, 1, 1)).toBeCloseTo(x, 15)
    expect(regularizedIncompleteBeta(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 14)
  }
})

it('takes 1 − x where it is known better than the difference', () => {
  expect(regularizedIncompleteBeta(1, 1, 2, 1e-20)).toBe(1)
  expect(regularizedIncompleteBeta(1e-20, 2, 1, 1) / 1e-40).toBeCloseTo(1, 13)
})

it('refuses what is no probability and no shape', () => {
  for (const [x, a, b] of [
    [-0.1, 1, 1],
    [1.1, 1, 1],
    [NaN, 1, 1],
    [0.5, 0, 1],
    [0.5, 1, -1],
  ] as const) {
    expect(() => regularizedIncompleteBeta(x, a, b)).toThrow(RangeError)
  }
})
