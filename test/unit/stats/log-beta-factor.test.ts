import { expect, it } from 'vitest'
import { logBetaFactor } from '../../../src/stats/log-beta-factor.ts'

it('is ln(a xᵃ y) for b = 1, as B(a, 1) = 1/a', () => {
  for (const a of [0.2, 1, 30, 1e5]) {
    for (const x of [1e-200, 0.3, 0.999]) {
      const expected = Math.log(a) + a * Math.log(x) + Math.log(1 - x)
      expect(logBetaFactor(x, 1 - x, a, 1) / expected).toBeCloseTo(1, 12)
    }
  }
})

it('is the same from either end', () => {
  expect(logBetaFactor(0.2, 0.8, 3, 1e6)).toBeCloseTo(logBetaFactor(0.8, 0.2, 1e6, 3), 8)
})
