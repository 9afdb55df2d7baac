import { expect, it } from 'vitest'
import { solveLower } from '../../../src/stats/solve-lower.ts'

it('substitutes forwards', () => {
  expect([...solveLower(Float64Array.of(2, 0, 0, 6, 1, 0, -8, 5, 3), 3, [2, 7, 6])]).toEqual([1, 1, 3])
})
