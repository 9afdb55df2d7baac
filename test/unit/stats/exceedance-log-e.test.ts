import { expect, it } from 'vitest'
import { exceedanceLogE } from '../../../src/stats/exceedance-log-e.ts'

it('wins on what exceeds and loses on what does not', () => {
  const [won, alsoWon] = exceedanceLogE(1, 1, 0.1, [1, 4])
  expect(won).toBeCloseTo(Math.log(1.9), 15)
  expect(alsoWon).toBeCloseTo(Math.log(4.6), 15)
  expect(exceedanceLogE(0, 1, 0.1, [1])[0]).toBeCloseTo(Math.log(0.9), 15)
})

it('is worth exactly one on average where the bound is the truth', () => {
  for (const bet of [0.25, 2, 9]) {
    const [won = NaN] = exceedanceLogE(1, 1, 0.1, [bet])
    const [lost = NaN] = exceedanceLogE(0, 1, 0.1, [bet])
    expect(0.1 * Math.exp(won) + 0.9 * Math.exp(lost)).toBeCloseTo(1, 14)
  }
})

it('places no bet that could go bankrupt', () => {
  expect([...exceedanceLogE(5, 9, 0.25, [4, 16])]).toEqual([0, 0])
  expect([...exceedanceLogE(0, 0, 0.25, [1])]).toEqual([0])
})
