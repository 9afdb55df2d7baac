import { expect, it } from 'vitest'
import { incompleteGammaFraction } from '../../../src/stats/incomplete-gamma-fraction.ts'

it('is 1 / x for a = 1, where the tail is exponential', () => {
  for (const x of [2, 10, 700]) expect(incompleteGammaFraction(1, x) * x).toBeCloseTo(1, 14)
})
