import { z } from 'zod'
import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { cholesky } from '../../src/stats/cholesky.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { shrink } from '../../src/stats/shrink.ts'

/**
 * A normal distribution of the vectors of each label: regularised discriminant analysis (J. Friedman, J. Amer. Statist.
 * Assoc. 84, 1989). Where labels share one covariance there is one factor, else one a label.
 */
export interface Gaussians {
  readonly labels: number
  readonly dims: number
  readonly known: Uint8Array // by label: 1 where trusted records have it
  readonly means: Float64Array // labels × dims
  readonly lowers: Float64Array // labels (or 1) × dims × dims: Cholesky factors
}

const shrinkage = 0.1
// Coordinates are neither normal nor independent: all together they are believed as much as so many that are.
const believed = 16

/** What log densities in `d` dimensions are divided by. */
export const temperOf = (d: number) => Math.max(1, d / believed)

/** Of labelled vectors; null where they have no spread. `shared`: one covariance for all labels. */
export function gaussiansOf(vectors: Matrix, label: Int32Array, labels: number, shared: boolean): Gaussians | null {
  const d = vectors.cols
  if (d === 0 || vectors.rows < 2) return null
  const means = new Float64Array(labels * d)
  const known = new Uint8Array(labels)
  const pooled = new Float64Array(d * d)
  const own: (Float64Array | null)[] = []
  const counts = new Float64Array(labels)
  for (let c = 0; c < labels; c++) {
    const rows = Array.from(label, (_, row) => row).filter((row) => label[row] === c)
    counts[c] = rows.length
    known[c] = rows.length > 0 ? 1 : 0
    const of = rows.length < 2 ? null : covariance(selectRows(vectors, rows))
    const only = vectors.data.subarray((rows[0] ?? 0) * d, ((rows[0] ?? 0) + 1) * d)
    if (rows.length > 0) means.set(of?.mean ?? only, c * d)
    of?.covariance.forEach((value, i) => (pooled[i] = (pooled[i] ?? 0) + (value * rows.length) / vectors.rows))
    own.push(of?.covariance ?? null)
  }
  let size = 0
  for (let i = 0; i < d; i++) size += pooled[i * d + i] ?? 0
  if (!(size > 0)) return null
  if (shared) return { labels, dims: d, known, means, lowers: cholesky(shrink(pooled, d, shrinkage), d) }
  const lowers = new Float64Array(labels * d * d)
  own.forEach((spread, c) => {
    // as if each label had so many more records, spread as those of all labels are
    const n = spread === null ? 0 : (counts[c] ?? 0)
    const mixed = pooled.map((value, i) => (d * value + n * (spread?.[i] ?? 0)) / (d + n))
    lowers.set(cholesky(shrink(mixed, d, shrinkage), d), c * d * d)
  })
  return { labels, dims: d, known, means, lowers }
}

let whitened = new Float64Array(0) // the vector's difference from two means, each in coordinates without correlation

/**
 * Log of how much more probable a vector is under one label than under another: of the tempered densities. 0 where no
 * trusted record has one of the labels. Both triangular systems are solved in one loop: each sum waits for its last
 * term, and two of them wait together.
 */
export function logOdds(model: Gaussians, vector: Float32Array, label: number, against: number): number {
  const { dims: d, known, means, lowers } = model
  if (known[label] !== 1 || known[against] !== 1) return 0
  if (whitened.length < 2 * d) whitened = new Float64Array(2 * d)
  const shared = lowers.length === d * d
  const one = shared ? 0 : label * d * d
  const other = shared ? 0 : against * d * d
  let logOne = 0
  let logOther = 0
  for (let i = 0; i < d; i++) {
    let x = (vector[i] ?? 0) - (means[label * d + i] ?? 0)
    let y = (vector[i] ?? 0) - (means[against * d + i] ?? 0)
    for (let j = 0; j < i; j++) {
      x -= (lowers[one + i * d + j] ?? 0) * (whitened[j] ?? 0)
      y -= (lowers[other + i * d + j] ?? 0) * (whitened[d + j] ?? 0)
    }
    const scaleOne = lowers[one + i * d + i] ?? 0
    const scaleOther = lowers[other + i * d + i] ?? 0
    x /= scaleOne
    y /= scaleOther
    whitened[i] = x
    whitened[d + i] = y
    logOne -= 0.5 * x ** 2 + Math.log(scaleOne)
    logOther -= 0.5 * y ** 2 + Math.log(scaleOther)
  }
  const temper = temperOf(d)
  return logOne / temper - logOther / temper
}

/** For the codec: null as no labels. */
export function packedGaussians(model: Gaussians | null): Record<string, TypedArray> {
  return {
    shape: Uint32Array.of(model?.labels ?? 0, model?.dims ?? 0),
    known: model?.known ?? new Uint8Array(),
    means: model?.means ?? new Float64Array(),
    lowers: model?.lowers ?? new Float64Array(),
  }
}

export function unpackedGaussians(unpacked: Unpacked): Gaussians | null {
  const [labels = 0, dims = 0] = arrayOf(unpacked, 'shape', 'Uint32Array', 2)
  const known = arrayOf(unpacked, 'known', 'Uint8Array', labels)
  const means = arrayOf(unpacked, 'means', 'Float64Array', labels * dims)
  const lowers = arrayOf(unpacked, 'lowers', 'Float64Array')
  z.union([z.literal(dims ** 2), z.literal(labels * dims ** 2)]).parse(lowers.length)
  return labels === 0 ? null : { labels, dims, known, means, lowers }
}
