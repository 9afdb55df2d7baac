import { expect, it } from 'vitest'
import { regularizedGammaP } from '../../../src/stats/regularized-gamma-p.ts'

it('is 1 − e^−x for a = 1', () => {
  for (const x of [0, 1e-10, 0.3, 2, 40]) expect(regularizedGammaP(1, x)).toBeCloseTo(-Math.expm1(-x), 14)
})

it('reaches its ends and refuses the rest', () => {
  expect(regularizedGammaP(3, 0)).toBe(0)
  expect(regularizedGammaP(3, Infinity)).toBe(1)
  expect(() => regularizedGammaP(0, 1)).toThrow(RangeError)
  expect(() => regularizedGammaP(1, -1)).toThrow(RangeError)
})
