import { expect, it } from 'vitest'
import { discreteCosineTransform } from '../../../src/stats/discrete-cosine-transform.ts'
import { normal, random } from '../../../src/stats/random.ts'

it('gives a flat image one coefficient, and a flat line of zeros none', () => {
  const flat = discreteCosineTransform(new Float64Array(12).fill(2), 3, 4)
  expect(flat[0]).toBeCloseTo(2 * Math.sqrt(12), 12)
  expect(flat.slice(1).every((value) => Math.abs(value) < 1e-12)).toBe(true)
  expect([...discreteCosineTransform(new Float64Array(6), 2, 3)]).toEqual([0, 0, 0, 0, 0, 0])
})

it.each([
  [1, 1],
  [1, 7],
  [5, 2],
  [28, 28],
  [9, 32],
])('keeps lengths and angles of %i × %i images', (rows, cols) => {
  const uniform = random(rows + 100 * cols)
  const image = () => Float64Array.from({ length: rows * cols }, () => normal(uniform))
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
  const [a, b] = [image(), image()]
  const before = [...a]
  const [c, d] = [
    discreteCosineTransform(a, rows, cols),
    discreteCosineTransform(b, rows, cols, new Float64Array(b.length)),
  ]
  expect(dot(c, c)).toBeCloseTo(dot(a, a), 9)
  expect(dot(c, d)).toBeCloseTo(dot(a, b), 9)
  expect([...a]).toEqual(before)
})
