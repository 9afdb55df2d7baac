import { expect, it } from 'vitest'
import { chiSquaredSurvival } from '../../../src/stats/chi-squared-survival.ts'

it('is e^(−x/2) for two degrees of freedom, and 1 up to zero', () => {
  for (const x of [0.1, 5, 900]) expect(chiSquaredSurvival(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 12)
  expect(chiSquaredSurvival(0, 5)).toBe(1)
  expect(chiSquaredSurvival(-3, 5)).toBe(1)
})

it('knows the table', () => {
  expect(chiSquaredSurvival(3.841458820694124, 1)).toBeCloseTo(0.05, 14)
})

it('refuses no degrees of freedom', () => {
  expect(() => chiSquaredSurvival(1, 0)).toThrow(RangeError)
})
