import { expect, it } from 'vitest'
import { logErlangSurvival } from '../../../src/stats/log-erlang-survival.ts'

it('is the exponential tail of one, also far out', () => {
  expect(logErlangSurvival(1, 3)).toBeCloseTo(-3, 14)
  expect(logErlangSurvival(1, 1e6)).toBe(-1e6)
})

it('knows its ends', () => {
  expect(logErlangSurvival(4, 0)).toBe(0)
  expect(logErlangSurvival(4, -1)).toBe(0)
  expect(logErlangSurvival(4, Infinity)).toBe(-Infinity)
})

it('falls with x and rises with n, across the mean too', () => {
  for (let x = 1; x < 60; x++) {
    expect(logErlangSurvival(30, x)).toBeLessThanOrEqual(logErlangSurvival(30, x - 0.5))
    expect(logErlangSurvival(31, x)).toBeGreaterThanOrEqual(logErlangSurvival(30, x))
  }
})

it.each([
  [0, 1],
  [1.5, 1],
  [2, NaN],
])('refuses n = %s, x = %s', (n, x) => {
  expect(() => logErlangSurvival(n, x)).toThrow(RangeError)
})
