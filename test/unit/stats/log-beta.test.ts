import { expect, it } from 'vitest'
import { logBeta } from '../../../src/stats/log-beta.ts'

it('knows B(1, b) = 1/b and B(½, ½) = π', () => {
  for (const b of [0.01, 1, 7, 1e3, 1e9]) expect(logBeta(1, b)).toBeCloseTo(-Math.log(b), 12)
  expect(logBeta(0.5, 0.5)).toBeCloseTo(Math.log(Math.PI), 14)
})

it('is symmetric', () => {
  expect(logBeta(3, 1e6)).toBe(logBeta(1e6, 3))
})

it('refuses what is not positive', () => {
  expect(() => logBeta(0, 1)).toThrow(RangeError)
  expect(() => logBeta(1, NaN)).toThrow(RangeError)
})
