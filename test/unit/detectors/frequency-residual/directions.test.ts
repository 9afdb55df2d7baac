import { expect, it } from 'vitest'
import { commonDirections } from '../../../../detectors/frequency-residual/directions.ts'
import { normal, random } from '../../../../src/stats/random.ts'

const dims = 12

/** Unit vectors, of which a share leans towards the first axis. */
function leaning(rows: number, share: number): Float32Array {
  const uniform = random(3)
  const data = new Float32Array(rows * dims)
  for (let row = 0; row < rows; row++) {
    const vector = Float64Array.from({ length: dims }, () => normal(uniform))
    if (row < share * rows) vector[0] = 12
    const length = Math.hypot(...vector)
    vector.forEach((value, j) => (data[row * dims + j] = value / length))
  }
  return data
}

it('finds what vectors have in common, and how much of their second moment it is', () => {
  const { values, directions } = commonDirections(leaning(60, 0.5), dims)
  expect(Math.abs(directions.data[0] ?? 0)).toBeGreaterThan(0.99)
  expect(values[0]).toBeGreaterThan(0.4)
  expect([...values]).toEqual([...values].toSorted((a, b) => b - a))
  for (let i = 0; i < directions.rows; i++) {
    for (let k = 0; k <= i; k++) {
      let dot = 0
      for (let j = 0; j < dims; j++) dot += (directions.data[i * dims + j] ?? 0) * (directions.data[k * dims + j] ?? 0)
      expect(dot).toBeCloseTo(i === k ? 1 : 0, 1) // what is nearly equally common is unsettled
    }
  }
})

it('has as many directions as vectors, and none without', () => {
  expect(commonDirections(new Float32Array(), dims).directions.rows).toBe(0)
  const one = commonDirections(leaning(1, 1), dims)
  expect(one.directions.rows).toBe(1)
  expect(one.values[0]).toBeCloseTo(1, 6)
  const copies = new Float32Array([...leaning(1, 1), ...leaning(1, 1)])
  expect(commonDirections(copies, dims).directions.rows).toBe(1)
})
