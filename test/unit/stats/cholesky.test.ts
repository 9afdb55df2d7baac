import { expect, it } from 'vitest'
import { cholesky } from '../../../src/stats/cholesky.ts'

it('factors a matrix known by heart', () => {
  expect([...cholesky(Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98), 3)]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3])
})

it('refuses what is singular, indefinite or not finite', () => {
  expect(() => cholesky(Float64Array.of(1, 1, 1, 1), 2)).toThrow(/positive definite matrix; pivot 1 of 2/)
  expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError)
  expect(() => cholesky(Float64Array.of(NaN), 1)).toThrow(RangeError)
  expect(() => cholesky(Float64Array.of(Infinity), 1)).toThrow(RangeError)
})
