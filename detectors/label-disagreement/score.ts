import type { Encoded } from '../../src/core/encoded.ts'
import { selectRows } from '../../src/core/matrix.ts'
import { auroc } from '../../src/stats/auroc.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { gaussiansOf, logOdds, type Gaussians } from './gaussians.ts'
import { probeOf, surprise, type Probe } from './probe.ts'

// Smoothing keeps probabilities well above this; it only keeps a zero from becoming an infinite score.
const smallest = 1e-12

/** What tells the labels of vectors beside their neighbours, or instead of them; at most one of both. */
export interface Model {
  readonly gaussians: Gaussians | null
  readonly probe: Probe | null
}

const neighboursAlone: Model = { gaussians: null, probe: null }

/**
 * -ln P(given label), by a linear probe where there is one; else by the neighbours, and where these do not mostly share
 * the label, worse by as much as the record would be less probable among trusted records of its label than among those
 * of the label that neighbours have instead: neighbours alone mistake clean records at the edge of their label for
 * flipped ones. NaN without a known label.
 */
export function scoreOf(
  { probabilities, vectors }: Pick<Encoded, 'probabilities' | 'vectors'>,
  row: number,
  given: number,
  { gaussians, probe }: Model,
) {
  const { cols, data } = probabilities
  if (given < 0 || given >= cols) return NaN
  const p = data[row * cols + given] ?? 0
  const score = -Math.log(Math.max(p, smallest))
  const d = vectors.cols
  if (probe !== null && probe.dims === d && probe.labels === cols && probe.known[given] === 1)
    return surprise(probe, vectors.data.subarray(row * d, (row + 1) * d), given)
  if (p > 0.5 || gaussians === null || gaussians.dims !== d || gaussians.labels !== cols) return score
  let other = -1
  for (let label = 0; label < cols; label++) {
    if (label !== given && (other < 0 || (data[row * cols + label] ?? 0) > (data[row * cols + other] ?? 0)))
      other = label
  }
  if (other < 0) return score
  const odds = logOdds(gaussians, vectors.data.subarray(row * d, (row + 1) * d), other, given)
  return score + (odds > 30 ? odds : Math.log1p(Math.exp(odds)))
}

const mostFactors = 2 ** 22 // numbers in the covariances of all labels
const mostTried = 2000 // records of each half of the reference
const fewestTried = 100
const worthwhile = 0.02 // by so much must a less simple choice do better

/**
 * The model that finds most of what is flipped: neighbours alone, with distributions of one covariance for all labels or
 * one for each, or a linear probe in their place. Each half of the reference tries those of the other, on its records as
 * they are and as they would be with another label. What counts is the share of these above the 99 % quantile of those,
 * and the area under the curve between them, since where labels are hard to tell the share is small and chance decides
 * it. Of models that find about as much, the simplest.
 */
export function chooseModel(reference: Encoded): Model {
  const { label, labels, vectors } = reference
  const rows = Array.from(label, (_, row) => row).filter((row) => (label[row] ?? -1) >= 0)
  const fit = (of: readonly number[], shared: boolean) =>
    gaussiansOf(
      selectRows(vectors, of),
      Int32Array.from(of, (row) => label[row] ?? -1),
      labels.length,
      shared,
    )
  const halves = [0, 1].map((parity) => rows.filter((_, i) => i % 2 === parity))
  const meritOf = (model: (of: readonly number[]) => Model) => {
    const clean: number[] = []
    const flipped: number[] = []
    halves.forEach((half, i) => {
      const fitted = model(halves[1 - i] ?? [])
      const step = Math.ceil(half.length / mostTried)
      for (let at = 0; at < half.length; at += step) {
        const row = half[at] ?? 0
        const given = label[row] ?? 0
        clean.push(scoreOf(reference, row, given, fitted))
        flipped.push(scoreOf(reference, row, (given + 1 + (at % (labels.length - 1))) % labels.length, fitted))
      }
    })
    if (clean.length < fewestTried) return 0
    const high = quantile(Float64Array.from(clean).toSorted(), 0.99)
    const found = flipped.filter((score) => score > high).length / flipped.length
    const positive = Array.from({ length: clean.length + flipped.length }, (_, i) => i >= clean.length)
    return found + auroc([...clean, ...flipped], positive)
  }

  const withNeighbours = (gaussians: Gaussians | null): Model => ({ gaussians, probe: null })
  const inTheirPlace = (gaussians: Gaussians | null): Model =>
    gaussians === null ? neighboursAlone : { gaussians: null, probe: probeOf(gaussians) }
  const models = [
    () => neighboursAlone,
    (of: readonly number[]) => withNeighbours(fit(of, true)),
    (of: readonly number[]) => inTheirPlace(fit(of, true)),
    ...(labels.length * vectors.cols ** 2 <= mostFactors
      ? [(of: readonly number[]) => withNeighbours(fit(of, false))]
      : []),
  ]
  let [best, most] = [models[0], -worthwhile]
  for (const model of models) {
    const merit = meritOf(model)
    if (merit > most + worthwhile) [best, most] = [model, merit]
  }
  return best?.(rows) ?? neighboursAlone
}
