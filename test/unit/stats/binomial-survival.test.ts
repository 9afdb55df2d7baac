import { expect, it } from 'vitest'
import { binomialSurvival } from '../../../src/stats/binomial-survival.ts'

it('counts coins', () => {
  expect(binomialSurvival(3, 4, 0.5)).toBeCloseTo(5 / 16, 15)
  expect(binomialSurvival(1, 10, 0.1)).toBeCloseTo(1 - 0.9 ** 10, 15)
})

it('is certain or impossible at the ends', () => {
  expect(binomialSurvival(0, 4, 0.5)).toBe(1)
  expect(binomialSurvival(-2, 4, 0.5)).toBe(1)
  expect(binomialSurvival(5, 4, 0.5)).toBe(0)
  expect(binomialSurvival(1, 4, 0)).toBe(0)
  expect(binomialSurvival(4, 4, 1)).toBe(1)
  expect(binomialSurvival(0, 0, 0.5)).toBe(1)
})

it('refuses what is no probability', () => {
  expect(() => binomialSurvival(1, 4, 1.5)).toThrow(RangeError)
  expect(() => binomialSurvival(1, -4, 0.5)).toThrow(RangeError)
})
