import { expect, it } from 'vitest'
import { clopperPearsonUpper } from '../../../src/stats/clopper-pearson-upper.ts'

it('knows the closed form for no successes: the rule of three', () => {
  expect(clopperPearsonUpper(0, 1000, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 1000), 14)
  expect(clopperPearsonUpper(0, 1, 1e-12)).toBeCloseTo(1 - 1e-12, 15)
})

it('is 1 where all trials succeeded, and refuses what is no level', () => {
  expect(clopperPearsonUpper(7, 7, 0.05)).toBe(1)
  expect(() => clopperPearsonUpper(1, 7, 0)).toThrow(RangeError)
  expect(() => clopperPearsonUpper(-1, 7, 0.5)).toThrow(RangeError)
})
