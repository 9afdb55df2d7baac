import { expect, it } from 'vitest'
import { fSurvival } from '../../../src/stats/f-survival.ts'

it('has a closed form for two numerator degrees of freedom', () => {
  for (const x of [0.01, 1, 30]) expect(fSurvival(x, 2, 10) / (1 + x / 5) ** -5).toBeCloseTo(1, 13)
})

it('is 1 up to zero and 0 at infinity', () => {
  expect(fSurvival(0, 3, 4)).toBe(1)
  expect(fSurvival(-1, 3, 4)).toBe(1)
  expect(fSurvival(Infinity, 3, 4)).toBe(0)
})

it('refuses no degrees of freedom', () => {
  expect(() => fSurvival(1, 0, 4)).toThrow(RangeError)
})
