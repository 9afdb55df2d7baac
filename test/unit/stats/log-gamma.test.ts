import { expect, it } from 'vitest'
import { logGamma } from '../../../src/stats/log-gamma.ts'

it('is the logarithm of a factorial at whole numbers', () => {
  expect(logGamma(1)).toBe(0)
  expect(logGamma(2)).toBe(0)
  let factorial = 1
  for (let n = 2; n <= 20; n++) {
    factorial *= n
    expect(logGamma(n + 1) / Math.log(factorial)).toBeCloseTo(1, 14)
  }
})

it('knows Γ(½) = √π and the pole at 0', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 15)
  expect(logGamma(1e-300)).toBeCloseTo(-Math.log(1e-300), 12)
  expect(logGamma(Infinity)).toBe(Infinity)
})

it('refuses what is not positive', () => {
  for (const x of [0, -1, NaN]) expect(() => logGamma(x)).toThrow(RangeError)
})
