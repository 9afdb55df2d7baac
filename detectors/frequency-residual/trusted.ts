import type { Encoded } from '../../src/core/encoded.ts'
import { TasterError } from '../../src/core/errors.ts'
import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { cholesky } from '../../src/stats/cholesky.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { shrink } from '../../src/stats/shrink.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'
import { multiply } from '../../src/tensor/mat-mul.ts'
import { leadingComponents } from '../../src/tensor/principal-components.ts'
import { gridOf, spectraOf, type Images } from './spectra.ts'

export interface Params {
  readonly dims: number
  readonly side: number
  readonly tail: number
  readonly shrinkage: number
}

/** What trusted images look like, in coordinates in which those of a label have no correlation. */
export interface Fitted {
  readonly shape: Pick<Images, 'height' | 'width' | 'channels'>
  readonly side: number
  readonly seed: number
  readonly mean: Float64Array // of spectra
  readonly whitening: Matrix // spectrum × dims
  readonly groups: readonly Group[] // by label; one of all images where there are no labels
}

export interface Group {
  readonly centre: Float32Array // of whitened spectra
  readonly heldOut: Matrix // whitened and centred images that nothing else here was taken from; none: not tested
  readonly threshold: number // |h|² beyond which an image is in the tail
}

const mostFitted = 4000 // images that components and covariance are taken from
const mostHeldOut = 400 // of a label
const fewestHeldOut = 20
export const fewestPerLabel = 3 * fewestHeldOut

/** Every third image of a label is held out. Throws CALIBRATION_INSUFFICIENT where no label has enough. */
export function fitTrusted(reference: Encoded, params: Params, seed: number): Fitted {
  const { content } = reference.records
  if (content.kind !== 'image' || reference.label.length === 0) {
    throw new TasterError('CALIBRATION_INSUFFICIENT', 'frequency-residual reads images, and there are none: trust some')
  }
  const members = groupsOf(reference).map((rows) => (rows.length < fewestPerLabel ? [] : rows))
  const heldOut = members.map((rows) => rows.filter((_, i) => i % 3 === 2).slice(0, mostHeldOut))
  const learnt = members.map((rows) => rows.filter((_, i) => i % 3 !== 2))
  const count = learnt.reduce((sum, rows) => sum + rows.length, 0)
  const share = Math.min(1, mostFitted / count)
  const used = learnt.map((rows) => rows.slice(0, Math.ceil(share * rows.length)))
  const grid = gridOf(content, params.side)
  const spectra = spectraOf(content, used.flat(), grid)
  if (count === 0 || spectra.data.every((value, i) => value === spectra.data[i % spectra.cols])) throw alike()
  const dims = Math.max(1, Math.min(params.dims, Math.floor(spectra.rows / 4)))
  const { mean, components } = leadingComponents(spectra, dims, seed)
  const projection = multiply(centred(spectra, mean), components)
  const whitening = multiply(components, whiteningOf(projection, used, params.shrinkage))
  const { height, width, channels } = content
  const fitted = { shape: { height, width, channels }, side: params.side, seed, mean, whitening, groups: [] }
  const groups = members.map((rows, group): Group => {
    const d = whitening.cols
    if (rows.length === 0)
      return { centre: new Float32Array(d), heldOut: { rows: 0, cols: d, data: new Float32Array() }, threshold: 0 }
    const centre = Float32Array.from(covarianceMean(whitened(content, used[group] ?? [], fitted)))
    const held = lessCentre(whitened(content, heldOut[group] ?? [], fitted), centre)
    const lengths = Float64Array.from({ length: held.rows }, (_, row) => squaredLength(held, row)).toSorted()
    return { centre, heldOut: held, threshold: quantile(lengths, 1 - params.tail) }
  })
  return { ...fitted, groups }
}

/** Rows by label, ascending; all rows in one group where trusted data have no labels. */
export function groupsOf({ labels, label }: Pick<Encoded, 'labels' | 'label'>): number[][] {
  const groups = Array.from({ length: Math.max(1, labels.length) }, (): number[] => [])
  label.forEach((given, row) => groups[labels.length === 0 ? 0 : given]?.push(row))
  return groups
}

/** Spectra of the named images in coordinates without correlation, around the mean of all trusted ones. */
export function whitened(
  images: Images,
  rows: ArrayLike<number>,
  { side, mean, whitening }: Pick<Fitted, 'side' | 'mean' | 'whitening'>,
): Matrix {
  return multiply(centred(spectraOf(images, rows, gridOf(images, side)), mean), whitening)
}

export function lessCentre(of: Matrix, centre: Float32Array): Matrix {
  const data = of.data.map((value, i) => value - (centre[i % of.cols] ?? 0))
  return { ...of, data }
}

export function squaredLength({ cols, data }: Matrix, row: number): number {
  let sum = 0
  for (let j = row * cols; j < (row + 1) * cols; j++) sum += (data[j] ?? 0) ** 2
  return sum
}

function centred(of: Matrix, mean: Float64Array): Matrix {
  const data = new Float32Array(of.data.length)
  for (let i = 0, j = 0; i < data.length; i++) {
    data[i] = (of.data[i] ?? 0) - (mean[j] ?? 0)
    if (++j === of.cols) j = 0
  }
  return { ...of, data }
}

function covarianceMean({ rows, cols, data }: Matrix): Float64Array {
  const mean = new Float64Array(cols)
  data.forEach((value, i) => (mean[i % cols] = (mean[i % cols] ?? 0) + value / rows))
  return mean
}

function alike(): TasterError {
  return new TasterError(
    'CALIBRATION_INSUFFICIENT',
    `frequency-residual needs ${fewestPerLabel} reference images of a label that are not all alike, and no label has them: trust more images`,
  )
}

/** L⁻ᵀ, where L Lᵀ is the shrunk covariance within labels, all labels together. `of`: rows of label after label. */
function whiteningOf(of: Matrix, groups: readonly (readonly number[])[], shrinkage: number): Matrix {
  const d = of.cols
  const pooled = new Float64Array(d * d)
  let from = 0
  for (const { length } of groups) {
    const rows = Array.from({ length }, (_, i) => from + i)
    from += length
    if (length < 2) continue
    const { covariance: spread } = covariance(selectRows(of, rows))
    for (let i = 0; i < pooled.length; i++) pooled[i] = (pooled[i] ?? 0) + ((spread[i] ?? 0) * length) / of.rows
  }
  const shrunk = shrink(pooled, d, shrinkage)
  for (let i = 0; i < d; i++) if (!((shrunk[i * d + i] ?? 0) > 0)) throw alike()
  const lower = cholesky(shrunk, d)
  const data = new Float32Array(d * d)
  for (let i = 0; i < d; i++) {
    const unit = new Float64Array(d)
    unit[i] = 1
    data.set(solveLower(lower, d, unit), i * d) // column i of L⁻¹ is row i of L⁻ᵀ
  }
  return { rows: d, cols: d, data }
}
