import { expect, it } from 'vitest'
import { conformalPValue } from '../../../src/stats/conformal-p-value.ts'

it('counts the score itself among the calibration scores', () => {
  const calibration = Float64Array.of(1, 2, 2, 3)
  expect([0, 2, 2.5, 3, 9].map((score) => conformalPValue(calibration, score))).toEqual([1, 0.8, 0.4, 0.4, 0.2])
})

it('is 1 without calibration, and not a number for a score that is none', () => {
  expect(conformalPValue(new Float64Array(0), 5)).toBe(1)
  expect(conformalPValue(Float64Array.of(1), NaN)).toBeNaN()
})
