import { expect, it } from 'vitest'
import { logSumExp } from '../../../src/stats/log-sum-exp.ts'

it('adds what would overflow or vanish', () => {
  expect(logSumExp([1e4, 1e4])).toBeCloseTo(1e4 + Math.LN2, 10)
  expect(logSumExp([-1e4, -1e4])).toBeCloseTo(-1e4 + Math.LN2, 10)
  expect(logSumExp([-Infinity, 3])).toBe(3)
})

it('knows nothing and everything', () => {
  expect(logSumExp([])).toBe(-Infinity)
  expect(logSumExp([-Infinity])).toBe(-Infinity)
  expect(logSumExp([Infinity, Infinity])).toBe(Infinity)
})
