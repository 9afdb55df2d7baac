import { expect, it } from 'vitest'
import { stirlingError } from '../../../src/stats/stirling-error.ts'

it('is about 1 / (12 x), and does not jump where the series begins', () => {
  expect(stirlingError(1e5) * 12e5).toBeCloseTo(1, 10)
  expect(stirlingError(10) - stirlingError(10 - 1e-12)).toBeCloseTo(0, 14)
})

it('is 1 − ½ ln 2π at 1', () => {
  expect(stirlingError(1)).toBeCloseTo(1 - Math.log(2 * Math.PI) / 2, 15)
})
