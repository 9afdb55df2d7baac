import { expect, it } from 'vitest'
import { logBinomialCoefficient } from '../../../src/stats/log-binomial-coefficient.ts'

it('counts hands of cards', () => {
  expect(Math.exp(logBinomialCoefficient(52, 5))).toBeCloseTo(2_598_960, 5)
})

it('obeys the rule of Pascal', () => {
  const choose = (n: number, k: number) => Math.exp(logBinomialCoefficient(n, k))
  for (let k = 1; k < 30; k++) expect((choose(29, k - 1) + choose(29, k)) / choose(30, k)).toBeCloseTo(1, 12)
})

it('is −∞ outside 0 … n and refuses a negative n', () => {
  expect(logBinomialCoefficient(5, -1)).toBe(-Infinity)
  expect(logBinomialCoefficient(5, 6)).toBe(-Infinity)
  expect(() => logBinomialCoefficient(-1, 0)).toThrow(RangeError)
})
