import { expect, it } from 'vitest'
import { tprAtFpr } from '../../../src/stats/tpr-at-fpr.ts'

it('takes the best threshold that the rate allows', () => {
  const scores = [9, 8, 7, 6, 5, 4]
  const positive = [true, false, true, true, false, false]
  expect([0, 1 / 3, 0.5, 1].map((fpr) => tprAtFpr(scores, positive, fpr))).toEqual([1 / 3, 1, 1, 1])
})

it('keeps ties together', () => {
  expect(tprAtFpr([1, 1, 0], [true, false, false], 0)).toBe(0)
  expect(tprAtFpr([1, 1, 0], [true, false, false], 0.5)).toBe(1)
})

it('refuses a single class', () => {
  expect(() => tprAtFpr([1], [false], 0.1)).toThrow(RangeError)
})
