import type { Encoded } from '../../src/core/encoded.ts'
import { selectRows } from '../../src/core/matrix.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { gaussiansOf, logOdds, type Gaussians } from './gaussians.ts'

// Smoothing keeps probabilities well above this; it only keeps a zero from becoming an infinite score.
const smallest = 1e-12

/**
 * -ln P(given label), by the neighbours; and where these do not mostly share the label, worse by as much as the record
 * would be less probable among trusted records of its label than among those of the label that neighbours have instead.
 * Neighbours alone mistake clean records at the edge of their label for flipped ones. NaN without a known label.
 */
export function scoreOf({ probabilities, vectors }: Encoded, row: number, given: number, gaussians: Gaussians | null) {
  const { cols, data } = probabilities
  if (given < 0 || given >= cols) return NaN
  const p = data[row * cols + given] ?? 0
  const score = -Math.log(Math.max(p, smallest))
  const d = vectors.cols
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
const worthwhile = 0.02 // of what is flipped must a less simple choice find more

/**
 * The distributions that find most of what is flipped: none, one covariance for all labels, or one for each. Each half
 * of the reference tries those of the other, on its records as they are and as they would be with another label: what
 * counts is the share of these above the 99 % quantile of those. Of those that find about as much, the simplest.
 */
export function chooseGaussians(reference: Encoded): Gaussians | null {
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
  const power = (model: (of: readonly number[]) => Gaussians | null) => {
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
    return flipped.filter((score) => score > high).length / flipped.length
  }

  const models = [
    () => null,
    (of: readonly number[]) => fit(of, true),
    ...(labels.length * vectors.cols ** 2 <= mostFactors ? [(of: readonly number[]) => fit(of, false)] : []),
  ]
  let [best, most] = [models[0], -worthwhile]
  for (const model of models) {
    const share = power(model)
    if (share > most + worthwhile) [best, most] = [model, share]
  }
  return best?.(rows) ?? null
}
