import { expect, it } from 'vitest'
import { quantile } from '../../../src/stats/quantile.ts'

it('interpolates between order statistics', () => {
  expect(quantile([1, 2, 4, 8], 0.5)).toBe(3)
  expect(quantile([1, 2, 4, 8], 0)).toBe(1)
  expect(quantile([1, 2, 4, 8], 1)).toBe(8)
  expect(quantile(Float64Array.of(5), 0.3)).toBe(5)
})

it('stays finite between values that are as far apart as doubles get', () => {
  expect(quantile([-Number.MAX_VALUE, Number.MAX_VALUE], 0.5)).toBe(0)
})

it('refuses no values and what is no share', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError)
  expect(() => quantile([1], 1.5)).toThrow(RangeError)
})
