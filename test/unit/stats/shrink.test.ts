import { expect, it } from 'vitest'
import { shrink } from '../../../src/stats/shrink.ts'

it('goes from the matrix to the sphere of its mean variance', () => {
  const covariance = Float64Array.of(1, 2, 2, 7)
  expect([...shrink(covariance, 2, 0)]).toEqual([1, 2, 2, 7])
  expect([...shrink(covariance, 2, 0.5)]).toEqual([2.5, 1, 1, 5.5])
  expect([...shrink(covariance, 2, 1)]).toEqual([4, 0, 0, 4])
  expect([...covariance]).toEqual([1, 2, 2, 7])
})
