import { expect, it } from 'vitest'
import { clopperPearson } from '../../../src/stats/clopper-pearson.ts'

it('knows the closed forms for none and all', () => {
  expect(clopperPearson(0, 300).lower).toBe(0)
  expect(clopperPearson(0, 300).upper).toBeCloseTo(1 - 0.025 ** (1 / 300), 13)
  expect(clopperPearson(300, 300).upper).toBe(1)
  expect(clopperPearson(300, 300).lower).toBeCloseTo(0.025 ** (1 / 300), 13)
})

it('says nothing after no trials, and refuses more successes than trials', () => {
  expect(clopperPearson(0, 0)).toEqual({ lower: 0, upper: 1 })
  expect(() => clopperPearson(3, 2)).toThrow(RangeError)
  expect(() => clopperPearson(1, 2, 1)).toThrow(RangeError)
})
