import { expect, it } from 'vitest'
import { random } from '../../../src/stats/random.ts'
import { ridgeRegression } from '../../../src/stats/ridge-regression.ts'

const uniform = random(5)
const rows = 12
const x = Float32Array.from({ length: rows * 2 }, () => Math.fround(uniform()))
const y = Float64Array.from({ length: rows }, (_, row) => (x[2 * row] ?? 0) - 3 * (x[2 * row + 1] ?? 0) + uniform())
const fit = (values: Float32Array, weights: Float64Array, cols = 2) =>
  ridgeRegression({ rows, cols, data: values }, { rows, cols: 1, data: y }, weights, 0.1)
const ones = new Float64Array(rows).fill(1)

it('predicts the same whatever the units of a column', () => {
  const scaled = x.map((value, i) => (i % 2 === 0 ? 1024 * value : value))
  const expected = fit(x, ones).leftOut
  fit(scaled, ones).leftOut.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 10))
})

it('gives a column that never varies a coefficient of 0', () => {
  const withConstant = Float32Array.from({ length: rows * 3 }, (_, i) =>
    i % 3 === 2 ? 7 : (x[2 * Math.floor(i / 3) + (i % 3)] ?? 0),
  )
  const { coefficients, leftOut } = fit(withConstant, ones, 3)
  expect(coefficients[2]).toBeCloseTo(0, 12)
  const expected = fit(x, ones).leftOut
  leftOut.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 10))
})

it('only predicts rows of weight 0', () => {
  const weights = ones.map((one, row) => (row === 3 ? 0 : one))
  const { coefficients, intercepts, leftOut } = fit(x, weights)
  const predicted = (intercepts[0] ?? 0) + (coefficients[0] ?? 0) * (x[6] ?? 0) + (coefficients[1] ?? 0) * (x[7] ?? 0)
  expect(leftOut[3]).toBeCloseTo(predicted, 12)
})

it('refuses weights that are all 0, and no penalty', () => {
  expect(() => fit(x, new Float64Array(rows))).toThrow(RangeError)
  expect(() => ridgeRegression({ rows, cols: 2, data: x }, { rows, cols: 1, data: y }, ones, 0)).toThrow(RangeError)
})
