import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { principalAxes } from '../../src/stats/principal-axes.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { normal, permutation, random } from '../../src/stats/random.ts'

/**
 * Random Fourier features of a Gaussian kernel on the leading principal axes: inner products of them approximate the
 * kernel (Rahimi & Recht, NIPS 2007), so that a distance of means approximates the maximum mean discrepancy.
 */
export interface FeatureMap {
  readonly mean: Float64Array // dims
  readonly axes: Float64Array // kept × dims
  readonly frequencies: Float64Array // frequencies × kept; each gives a cosine and a sine
}

/** Rows that axes and bandwidth are learnt from, at most. */
const mostRows = 2000
/** Pairs of rows whose median distance is the bandwidth. */
const pairs = 1000
export function fitFeatures(vectors: Matrix, axesKept: number, frequencies: number, seed: number): FeatureMap {
  const uniform = random(seed)
  const order = permutation(vectors.rows, uniform)
  const some = selectRows(vectors, order.subarray(0, mostRows))
  const { mean, axes } = principalAxes(some, axesKept, seed)
  const kept = axes.length / vectors.cols
  const projected = Float64Array.from(projections(mean, axes, some).flatMap((row) => [...row]))
  const distances = Array.from({ length: pairs }, () => {
    const [a, b] = [Math.floor(uniform() * some.rows) * kept, Math.floor(uniform() * some.rows) * kept]
    let squared = 0
    for (let k = 0; k < kept; k++) squared += ((projected[a + k] ?? 0) - (projected[b + k] ?? 0)) ** 2
    return Math.sqrt(squared)
  })
  // half of the records may be equal: the median of the distances that are none
  const apart = distances.filter((distance) => distance > 0).toSorted((a, b) => a - b)
  const median = apart.length === 0 ? 1 : quantile(apart, 0.5)
  const drawn = new Float64Array(frequencies * kept)
  for (let f = 0; f < frequencies; f++) {
    for (let k = 0; k < kept; k++) drawn[f * kept + k] = normal(uniform) / median
  }
  return { mean, axes, frequencies: drawn }
}

/** Calls back with the features of each row: one array, used again for the next. */
export function eachFeatures(map: FeatureMap, vectors: Matrix, visit: (row: number, features: Float64Array) => void) {
  const { mean, axes, frequencies } = map
  const dims = mean.length
  const kept = axes.length / dims
  const count = frequencies.length / kept
  const centred = new Float64Array(dims)
  const along = new Float64Array(kept)
  const features = new Float64Array(2 * count)
  for (let row = 0; row < vectors.rows; row++) {
    for (let i = 0; i < dims; i++) centred[i] = (vectors.data[row * dims + i] ?? 0) - (mean[i] ?? 0)
    for (let k = 0; k < kept; k++) {
      let dot = 0
      for (let i = 0, at = k * dims; i < dims; i++, at++) dot += (centred[i] ?? 0) * (axes[at] ?? 0)
      along[k] = dot
    }
    for (let f = 0; f < count; f++) {
      let phase = 0
      for (let k = 0, at = f * kept; k < kept; k++, at++) phase += (along[k] ?? 0) * (frequencies[at] ?? 0)
      features[2 * f] = Math.cos(phase)
      features[2 * f + 1] = Math.sin(phase)
    }
    visit(row, features)
  }
}

function projections(mean: Float64Array, axes: Float64Array, vectors: Matrix): Float64Array[] {
  const dims = mean.length
  return Array.from({ length: vectors.rows }, (_, row) => {
    const along = new Float64Array(axes.length / dims)
    for (let k = 0; k < along.length; k++) {
      for (let i = 0; i < dims; i++) {
        along[k] = (along[k] ?? 0) + ((vectors.data[row * dims + i] ?? 0) - (mean[i] ?? 0)) * (axes[k * dims + i] ?? 0)
      }
    }
    return along
  })
}
