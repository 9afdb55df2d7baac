import { expect, it } from 'vitest'
import { solveLowerTransposed } from '../../../src/stats/solve-lower-transposed.ts'

it('substitutes backwards', () => {
  expect([...solveLowerTransposed(Float64Array.of(2, 0, 0, 6, 1, 0, -8, 5, 3), 3, [0, 6, 3])]).toEqual([1, 1, 1])
})
