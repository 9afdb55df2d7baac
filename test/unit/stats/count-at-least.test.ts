import { expect, it } from 'vitest'
import { countAtLeast } from '../../../src/stats/count-at-least.ts'

it('counts ties in', () => {
  const sorted = Float64Array.of(1, 2, 2, 2, 3)
  expect([0, 1, 1.5, 2, 3, 4].map((x) => countAtLeast(sorted, x))).toEqual([5, 5, 4, 4, 1, 0])
  expect(countAtLeast(new Float64Array(0), 1)).toBe(0)
  expect(countAtLeast(sorted, NaN)).toBe(5)
})
