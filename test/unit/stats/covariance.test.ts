import { expect, it } from 'vitest'
import { covariance } from '../../../src/stats/covariance.ts'

it('is known for four corners of a rectangle', () => {
  const data = Float32Array.of(0, 0, 2, 0, 0, 4, 2, 4)
  expect(covariance({ rows: 4, cols: 2, data })).toEqual({
    mean: Float64Array.of(1, 2),
    covariance: Float64Array.of(4 / 3, 0, 0, 16 / 3),
  })
})

it('keeps its digits beside a large offset', () => {
  const data = Float64Array.of(1e9 + 1, 1e9 + 2, 1e9 + 3)
  expect([...covariance({ rows: 3, cols: 1, data }).covariance]).toEqual([1])
})

it('refuses a single row', () => {
  expect(() => covariance({ rows: 1, cols: 2, data: Float64Array.of(1, 2) })).toThrow(RangeError)
})
