import { expect, it } from 'vitest'
import { countAbove } from '../../../src/stats/count-above.ts'

it('leaves ties out', () => {
  const sorted = Float64Array.of(1, 2, 2, 2, 3)
  expect([0, 1, 1.5, 2, 3, 4].map((x) => countAbove(sorted, x))).toEqual([5, 4, 4, 1, 0, 0])
  expect(countAbove(new Float64Array(0), 1)).toBe(0)
  expect(countAbove(sorted, NaN)).toBe(0)
})
