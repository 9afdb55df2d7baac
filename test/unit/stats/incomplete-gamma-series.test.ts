import { expect, it } from 'vitest'
import { incompleteGammaSeries } from '../../../src/stats/incomplete-gamma-series.ts'

it('is (eˣ − 1) / x for a = 1', () => {
  for (const x of [1e-9, 0.5, 1.9]) expect(incompleteGammaSeries(1, x)).toBeCloseTo(Math.expm1(x) / x, 13)
})
