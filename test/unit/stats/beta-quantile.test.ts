import { expect, it } from 'vitest'
import { betaQuantile } from '../../../src/stats/beta-quantile.ts'

it('has closed forms for Beta(a, 1) and Beta(1, b)', () => {
  for (const p of [1e-12, 0.025, 0.5, 0.975]) {
    expect(betaQuantile(p, 4, 1) / p ** 0.25).toBeCloseTo(1, 13)
    expect(betaQuantile(p, 1, 50) / -Math.expm1(Math.log1p(-p) / 50)).toBeCloseTo(1, 12)
  }
})

it('is 0 at 0 and 1 at 1, and refuses the rest', () => {
  expect(betaQuantile(0, 2, 3)).toBe(0)
  expect(betaQuantile(1, 2, 3)).toBe(1)
  expect(() => betaQuantile(1.01, 2, 3)).toThrow(RangeError)
  expect(() => betaQuantile(0.5, 0, 3)).toThrow(RangeError)
})

it('gives 0 or 1 where the quantile is too near to them for a double', () => {
  expect(betaQuantile(0.5, 1e-4, 1)).toBeLessThan(1e-290)
  expect(betaQuantile(0.5, 1, 1e-4)).toBe(1)
})
