import { expect, it } from 'vitest'
import { logBinomialDensity } from '../../../src/stats/log-binomial-density.ts'

it('sums to one over 0 … n', () => {
  for (const [n, p] of [
    [1, 0.3],
    [17, 0.05],
    [400, 0.7],
  ] as const) {
    let sum = 0
    for (let k = 0; k <= n; k++) sum += Math.exp(logBinomialDensity(k, n, p))
    expect(sum).toBeCloseTo(1, 12)
  }
})

it('is certain where p is 0 or 1', () => {
  expect(logBinomialDensity(0, 5, 0)).toBe(0)
  expect(logBinomialDensity(1, 5, 0)).toBe(-Infinity)
  expect(logBinomialDensity(5, 5, 1)).toBe(0)
  expect(logBinomialDensity(4, 5, 1)).toBe(-Infinity)
})
