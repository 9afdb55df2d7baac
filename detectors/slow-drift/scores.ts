import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { principalAxes } from '../../src/stats/principal-axes.ts'
import { permutation, random } from '../../src/stats/random.ts'

/** Trusted axes of content, along which records are scored. */
export interface Axes {
  readonly mean: Float64Array // dims
  readonly axes: Float64Array // count × dims
  readonly deviations: Float64Array // count; of trusted records along each axis
  readonly rest: number // mean square of what lies beside the axes; 0: nothing does
}

/** Farthest that a record counts along an axis, in standard deviations: what is bounded can be bet on. */
export const farthest = 4

/** Rows that axes are learnt from, at most. */
const mostRows = 4000

/** Axes without any variance are left out; none are left where all rows are equal. */
export function fitAxes(vectors: Matrix, wanted: number, seed: number): Axes {
  const some = selectRows(vectors, permutation(vectors.rows, random(seed)).subarray(0, mostRows))
  const { mean, axes, deviations } = principalAxes(some, wanted, seed)
  const { cols } = vectors
  const kept = deviations.filter((deviation) => deviation > 1e-6 * (deviations[0] ?? 0)).length
  const found: Axes = {
    mean,
    axes: axes.slice(0, kept * cols),
    deviations: deviations.slice(0, kept),
    rest: 0,
  }
  let total = 0
  eachScores(found, some, (_, __, ___, beside) => (total += beside))
  const rest = total / Math.max(1, some.rows)
  return { ...found, rest: rest > 1e-9 * (deviations[0] ?? 0) ** 2 ? rest : 0 }
}

/**
 * Calls back with the scores of each row along the axes, in standard deviations and clipped (one array, used again for
 * the next row), its novelty (mean of the squares, what lies beside the axes as one more), and the square beside the axes.
 */
export function eachScores(
  { mean, axes, deviations, rest }: Axes,
  vectors: Matrix,
  visit: (row: number, scores: Float64Array, novelty: number, beside: number) => void,
): void {
  const dims = mean.length
  const count = deviations.length
  const centred = new Float64Array(dims)
  const scores = new Float64Array(count)
  for (let row = 0; row < vectors.rows; row++) {
    let beside = 0
    for (let i = 0; i < dims; i++) {
      const value = (vectors.data[row * dims + i] ?? 0) - (mean[i] ?? 0)
      centred[i] = value
      beside += value * value
    }
    let novelty = 0
    for (let k = 0; k < count; k++) {
      let dot = 0
      for (let i = 0, at = k * dims; i < dims; i++, at++) dot += (centred[i] ?? 0) * (axes[at] ?? 0)
      beside -= dot * dot
      const score = dot / (deviations[k] ?? 1)
      novelty += score * score
      scores[k] = Math.min(farthest, Math.max(-farthest, score))
    }
    beside = Math.max(0, beside)
    // beside the axes many small directions add up: their sum varies less than a single square, and counts as one
    if (rest > 0) novelty += beside / rest
    visit(row, scores, novelty, beside)
  }
}
