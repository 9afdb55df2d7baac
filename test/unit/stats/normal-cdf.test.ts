import { expect, it } from 'vitest'
import { normalCdf } from '../../../src/stats/normal-cdf.ts'

it('knows the tables', () => {
  expect(normalCdf(0)).toBe(0.5)
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 15)
  expect(normalCdf(-1.959963984540054)).toBeCloseTo(0.025, 15)
})

it('ends at 0 and 1 and keeps NaN', () => {
  expect(normalCdf(-Infinity)).toBe(0)
  expect(normalCdf(Infinity)).toBe(1)
  expect(normalCdf(NaN)).toBeNaN()
})
