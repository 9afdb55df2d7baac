import { expect, it } from 'vitest'
import { incompleteBetaFraction } from '../../../src/stats/incomplete-beta-fraction.ts'

it('gives I_x(a, 1) = xᵃ: the fraction is then a (1 − x), as B(a, 1) = 1/a', () => {
  for (const a of [0.3, 1, 4, 90]) {
    for (const x of [1e-9, 0.1, 0.4]) expect(incompleteBetaFraction(x, 1 - x, a, 1) / (a * (1 - x))).toBeCloseTo(1, 13)
  }
})
