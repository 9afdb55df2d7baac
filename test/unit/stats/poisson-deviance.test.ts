import { expect, it } from 'vitest'
import { poissonDeviance } from '../../../src/stats/poisson-deviance.ts'

it('is zero at the mean and the mean at zero', () => {
  expect(poissonDeviance(12.5, 12.5)).toBe(0)
  expect(poissonDeviance(0, 3)).toBe(3)
})

it('is the plain formula away from the mean, and half the squared distance near it', () => {
  expect(poissonDeviance(2, 1)).toBeCloseTo(2 * Math.log(2) - 1, 15)
  expect(poissonDeviance(1e6 + 1, 1e6)).toBeCloseTo(5e-7, 12)
})
