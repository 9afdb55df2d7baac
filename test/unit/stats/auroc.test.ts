import { expect, it } from 'vitest'
import { auroc } from '../../../src/stats/auroc.ts'

it('counts the pairs that are in order, ties half', () => {
  expect(auroc([1, 2, 3, 4], [false, false, true, true])).toBe(1)
  expect(auroc([1, 2, 3, 4], [true, true, false, false])).toBe(0)
  expect(auroc([1, 1, 1], [true, false, false])).toBe(0.5)
  expect(auroc([3, 1, 2, 2], [true, false, true, false])).toBe(3.5 / 4)
})

it('refuses a single class', () => {
  expect(() => auroc([1, 2], [true, true])).toThrow(RangeError)
  expect(() => auroc([], [])).toThrow(RangeError)
})
