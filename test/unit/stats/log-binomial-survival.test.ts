import { expect, it } from 'vitest'
import { logBinomialSurvival } from '../../../src/stats/log-binomial-survival.ts'

it('is n ln p for all of n', () => {
  expect(logBinomialSurvival(1000, 1000, 1e-300) / (1000 * Math.log(1e-300))).toBeCloseTo(1, 14)
})

it('is certain or impossible at the ends', () => {
  expect(logBinomialSurvival(0, 4, 0.5)).toBe(0)
  expect(logBinomialSurvival(5, 4, 0.5)).toBe(-Infinity)
  expect(logBinomialSurvival(1, 4, 0)).toBe(-Infinity)
  expect(logBinomialSurvival(4, 4, 1)).toBe(0)
})

it('refuses what is no probability', () => {
  expect(() => logBinomialSurvival(1, 4, NaN)).toThrow(RangeError)
})
