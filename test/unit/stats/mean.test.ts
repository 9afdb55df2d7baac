import { expect, it } from 'vitest'
import { mean } from '../../../src/stats/mean.ts'

it('does not lose small values beside large ones', () => {
  expect(mean([1e16, 1, -1e16, 1])).toBe(0.5)
  expect(mean(Float32Array.of(1, 2, 4.5))).toBe(2.5)
})

it('refuses no values', () => {
  expect(() => mean([])).toThrow(RangeError)
})
