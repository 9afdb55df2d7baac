import { expect, it } from 'vitest'
import { logMeanExp } from '../../../src/stats/log-mean-exp.ts'

it('averages', () => {
  expect(logMeanExp([Math.log(2), Math.log(6)])).toBeCloseTo(Math.log(4), 15)
  expect(logMeanExp(Float64Array.of(0, 0, 0))).toBe(0)
})

it('refuses no values', () => {
  expect(() => logMeanExp([])).toThrow(RangeError)
})
