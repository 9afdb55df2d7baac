import { sizeOf } from '../../src/core/batch.ts'
import { rowsByValue, type Column } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import type { Matrix } from '../../src/core/matrix.ts'
import { placesOf } from '../../src/core/source-mix.ts'
import { cholesky } from '../../src/stats/cholesky.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { shrink } from '../../src/stats/shrink.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'
import { anchorOf, squaredDistance, type Anchor, type Rows } from './anchor.ts'
import { eachFeatures, fitFeatures, type FeatureMap } from './features.ts'
import { sampleOf, type Sample } from './sample.ts'
import { fewestRows } from './sizes.ts'

export interface Fitted {
  readonly map: FeatureMap
  readonly centre: Float64Array // mean of the features
  readonly lower: Float64Array // Cholesky factor of their shrunk covariance
  readonly horizon: number // records
  readonly anchors: readonly Anchor[] // none: nothing of the trusted records varies
  readonly sample: Sample
}

export interface Choice {
  readonly axes: number
  readonly frequencies: number
  readonly shrinkage: number
  readonly horizon: number
}

/** Labels and sources with an anchor of their own, at most: those with most records. */
const mostOfAKind = 200
/** Rows that the covariance is estimated from, at most. */
const mostRows = 8000
const folds = 5

export function learn(reference: Encoded, choice: Choice, seed: number): Fitted {
  const { axes, frequencies, shrinkage, horizon } = choice
  const map = fitFeatures(reference.vectors, axes, frequencies, seed)
  const width = 2 * frequencies
  const rows = reference.vectors.rows
  const raw = new Float64Array(rows * width)
  eachFeatures(map, reference.vectors, (row, features) => raw.set(features, row * width))
  const { centre, lower, inflation } = whitening({ rows, cols: width, data: raw }, shrinkage, seed)
  const sample = sampleOf(reference, seed)
  if (lower.length === 0) return { map, centre, lower, horizon, anchors: [], sample }
  const data = new Float64Array(raw.length)
  for (let row = 0; row < rows; row++) {
    const from = row * width
    data.set(
      solveLower(
        lower,
        width,
        centre.map((value, j) => (raw[from + j] ?? 0) - value),
      ),
      from,
    )
  }
  return { map, centre, lower, horizon, anchors: anchors(reference, { width, data }, inflation, seed), sample }
}

function anchors(reference: Encoded, rows: Rows, inflation: number, seed: number): Anchor[] {
  const { at, source } = reference.records
  const origins = { at, place: source.codes.map(placesOf(source)) }
  const all = Int32Array.from({ length: sizeOf(reference.records) }, (_, row) => row)
  const stream = anchorOf('stream', '', rows, all, origins, inflation, seed)
  if (stream === null) return []
  const ofKind = (kind: 'label' | 'source', names: Column) =>
    rowsByValue(names)
      .filter(([, own]) => own.length >= fewestRows && own.length < all.length)
      .slice(0, mostOfAKind)
      .flatMap(([name, own], i) => {
        const anchor = anchorOf(kind, name, rows, Int32Array.from(own), origins, inflation, seed + i + 1)
        return anchor === null ? [] : [anchor]
      })
  return [stream, ...ofKind('label', { values: reference.labels, codes: reference.label }), ...ofKind('source', source)]
}

/**
 * The factor that whitens features, and by how much records that it was not estimated from lie farther out than those
 * that it was. The factor is empty where the features do not vary.
 */
function whitening(features: Matrix<Float64Array>, shrinkage: number, seed: number) {
  const { cols } = features
  const order = permutation(features.rows, random(seed)).subarray(0, mostRows)
  const { mean, covariance: spread } = covariance(select(features, order))
  if (!spread.some((value, i) => i % (cols + 1) === 0 && value > 1e-12)) {
    return { centre: mean, lower: new Float64Array(0), inflation: 1 }
  }
  const lower = cholesky(shrink(spread, cols, shrinkage), cols)
  let inside = 0
  let outside = 0
  for (let fold = 0; fold < folds; fold++) {
    const rest = covariance(
      select(
        features,
        order.filter((_, i) => i % folds !== fold),
      ),
    )
    const without = cholesky(shrink(rest.covariance, cols, shrinkage), cols)
    order.forEach((row, i) => {
      if (i % folds !== fold) return
      const own = features.data.subarray(row * cols, (row + 1) * cols)
      const centred = own.map((value, j) => value - (mean[j] ?? 0))
      inside += squaredDistance(solveLower(lower, cols, centred), 0, new Float64Array(cols))
      outside += squaredDistance(solveLower(without, cols, centred), 0, new Float64Array(cols))
    })
  }
  return { centre: mean, lower, inflation: Math.max(1, outside / inside) }
}

function select({ cols, data }: Matrix<Float64Array>, rows: Int32Array): Matrix<Float64Array> {
  const selected = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => selected.set(data.subarray(row * cols, (row + 1) * cols), i * cols))
  return { rows: rows.length, cols, data: selected }
}
