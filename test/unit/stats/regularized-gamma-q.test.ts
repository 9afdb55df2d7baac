import { expect, it } from 'vitest'
import { regularizedGammaQ } from '../../../src/stats/regularized-gamma-q.ts'

it('is e^−x for a = 1, and the Poisson distribution function for whole a', () => {
  for (const x of [0, 0.3, 2, 700]) expect(regularizedGammaQ(1, x) / Math.exp(-x)).toBeCloseTo(1, 12)
  expect(regularizedGammaQ(3, 2)).toBeCloseTo(Math.exp(-2) * (1 + 2 + 2), 15)
})

it('reaches its ends and refuses the rest', () => {
  expect(regularizedGammaQ(3, 0)).toBe(1)
  expect(regularizedGammaQ(3, Infinity)).toBe(0)
  expect(() => regularizedGammaQ(-1, 1)).toThrow(RangeError)
  expect(() => regularizedGammaQ(1, NaN)).toThrow(RangeError)
})
