import { describe, expect, it } from 'vitest'
import { gaussiansOf, logOdds } from '../../../../detectors/label-disagreement/gaussians.ts'
import { normal, random } from '../../../../src/stats/random.ts'
import { solveLower } from '../../../../src/stats/solve-lower.ts'

const dims = 24
const rows = 300

describe('logOdds', () => {
  it.each([true, false])('is the difference of two tempered normal log densities; shared covariance: %s', (shared) => {
    const uniform = random(5)
    const label = Int32Array.from({ length: rows }, (_, row) => row % 3)
    const data = Float32Array.from({ length: rows * dims }, (_, i) => normal(uniform) + (Math.floor(i / dims) % 3))
    const model = gaussiansOf({ rows, cols: dims, data }, label, 4, shared)
    if (model === null) throw new Error('the vectors are spread')
    const density = (vector: Float32Array, of: number) => {
      const at = shared ? 0 : of * dims ** 2
      const lower = model.lowers.subarray(at, at + dims ** 2)
      const from = Float64Array.from(vector, (value, j) => value - (model.means[of * dims + j] ?? 0))
      const log = solveLower(lower, dims, from).reduce(
        (sum, x, i) => sum - (0.5 * x ** 2 + Math.log(lower[i * dims + i] ?? 1)),
        0,
      )
      return log / (dims / 16)
    }
    for (let row = 0; row < 20; row++) {
      const vector = data.subarray(row * dims, (row + 1) * dims)
      expect(logOdds(model, vector, 0, 2)).toBe(density(vector, 0) - density(vector, 2))
      expect(logOdds(model, vector, 1, 3)).toBe(0) // of the last label there is no trusted record
    }
  })
})
