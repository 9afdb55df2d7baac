import { expect, it } from 'vitest'
import { quantumEntropyScore } from '../../../src/stats/quantum-entropy-score.ts'

const spectrum = (values: number[], data: number[]) => ({
  values: Float64Array.from(values),
  directions: { rows: values.length, cols: 3, data: Float32Array.from(data) },
})

it('is the mean square without a direction', () => {
  expect(quantumEntropyScore([1, 2, 3], spectrum([], []), 4)).toBeCloseTo(14 / 3, 12)
  expect(quantumEntropyScore([1, 2, 3], spectrum([0], [1, 0, 0]), 4)).toBeCloseTo(14 / 3, 12)
})

it('weighs the common direction by e to alpha', () => {
  const one = spectrum([0.7], [0, 1, 0])
  expect(quantumEntropyScore([0, 1, 0], one, 4)).toBeCloseTo(Math.exp(4) / (2 + Math.exp(4)), 12)
  expect(quantumEntropyScore([1, 0, 0], one, 4)).toBeCloseTo(1 / (2 + Math.exp(4)), 12)
  expect(quantumEntropyScore([1, 0, 0], one, 0)).toBeCloseTo(1 / 3, 12)
})

it('weighs equally common directions equally', () => {
  const two = spectrum([0.5, 0.5], [1, 0, 0, 0, 1, 0])
  expect(quantumEntropyScore([1, 0, 0], two, 4)).toBeCloseTo(quantumEntropyScore([0, 1, 0], two, 4), 12)
})
