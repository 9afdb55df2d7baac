import { expect, it } from 'vitest'
import { logEOfLogP } from '../../../src/stats/log-e-of-log-p.ts'

it('is the mean of its four calibrators', () => {
  const p = 0.003
  const e = [0.05, 0.1, 0.25, 0.5].reduce((sum, k) => sum + (k * p ** (k - 1)) / 4, 0)
  expect(logEOfLogP(Math.log(p))).toBeCloseTo(Math.log(e), 13)
})

it('goes as p^−.95 / 80 far out, without overflow', () => {
  expect(logEOfLogP(-1e6)).toBeCloseTo(0.95e6 - Math.log(80), 8)
  expect(logEOfLogP(-Infinity)).toBe(Infinity)
})
