import { expect, it } from 'vitest'
import { benjaminiHochberg } from '../../../src/stats/benjamini-hochberg.ts'

it('rejects up to the largest p under its line, also those above their own', () => {
  // lines for q = .05 over four: .0125, .025, .0375, .05
  expect([...benjaminiHochberg(Float64Array.of(0.9, 0.03, 0.001, 0.036), 0.05)]).toEqual([2, 1, 3])
  expect([...benjaminiHochberg(Float64Array.of(0.9, 0.03, 0.02, 0.06), 0.05)]).toEqual([])
})

it('keeps the order of equal p, and takes the line itself for reached', () => {
  expect([...benjaminiHochberg(Float64Array.of(0.05, 0.01, 0.05, 0.01), 0.05)]).toEqual([1, 3, 0, 2])
})

it('does not count what is not a number', () => {
  expect([...benjaminiHochberg(Float64Array.of(NaN, 0.04, NaN), 0.05)]).toEqual([1])
  expect([...benjaminiHochberg(Float64Array.of(NaN), 0.05)]).toEqual([])
  expect([...benjaminiHochberg(new Float64Array(0), 0.05)]).toEqual([])
})

it('does not touch its input', () => {
  const p = Float64Array.of(0.5, 0.1)
  benjaminiHochberg(p, 0.3)
  expect([...p]).toEqual([0.5, 0.1])
})
