import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { countAbove } from '../../src/stats/count-above.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { quantumEntropyScore, type Spectrum } from '../../src/stats/quantum-entropy-score.ts'
import type { Matrix } from '../../src/core/matrix.ts'
import { commonDirections } from './directions.ts'

/** Images are parted in so many by their bits; those of one part are scored by what stood out in the others. */
export const partCount = 4

/**
 * A bounded sample of the images that stood out, of one label and one part, and what those of the other parts share.
 * Its records are those with the largest keys: a random sample that favours recent ones (Efraimidis & Spirakis 2006,
 * "Weighted random sampling with a reservoir", with weights that grow exponentially over time), and that two samples
 * merge into exactly. Copies share a hash, and count once.
 */
export interface Sample {
  readonly kept: readonly Kept[] // largest key first
  readonly fresh: number // images in the samples of the other parts that the scoring does not know yet
  readonly scoring: Scoring | null // of this part's images, by the other parts; null: nothing stood out there yet
}

export interface Kept {
  readonly key: number
  readonly hash: number
  readonly direction: Int8Array // of the whitened image, in 127ths of its largest coordinate
}

/** How clean images score by what is common: cube roots of scores are near normal (Wilson & Hilferty 1931). */
export interface Scoring {
  readonly spectrum: Spectrum
  readonly mean: number
  readonly deviation: number
  readonly tails: readonly Tail[]
}

/** A standard score that few held-out images exceed, and what share of clean images may: an upper bound. */
export interface Tail {
  readonly threshold: number
  readonly bound: number
}

export const emptySample: Sample = { kept: [], fresh: 0, scoring: null }
const tails = [0.05, 0.01] as const // the shares of clean images that thresholds are set for
const doubt = 0.05 // confidence that a bound holds is 1 - this
const staleness = 8 // directions are found again when this part of the sample is new
export const alpha = 4

/** A random key that weighs a record by e^(clock / memory): one that came `memory` records later weighs e times as much. */
export function keyOf(hash: number, clock: number, memory: number): number {
  const uniform = (hash + 0.5) / 2 ** 32
  return clock / memory - Math.log(-Math.log(uniform))
}

export function directionOf(vector: Float32Array): Int8Array {
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  return Int8Array.from(vector, (x) => Math.round(largest === 0 ? 0 : (127 * x) / largest))
}

/** The largest keys of both, one a hash. Consumes nothing. */
export function largest(kept: readonly Kept[], records: readonly Kept[], capacity: number): readonly Kept[] {
  const least = kept.length < capacity ? -Infinity : (kept.at(-1)?.key ?? -Infinity)
  const candidates = records.filter(({ key }) => key > least)
  if (candidates.length === 0) return kept
  const byHash = new Map<number, Kept>()
  for (const each of [...kept, ...candidates]) {
    if (each.key > (byHash.get(each.hash)?.key ?? -Infinity)) byHash.set(each.hash, each)
  }
  return [...byHash.values()].toSorted((x, y) => y.key - x.key || x.hash - y.hash).slice(0, capacity)
}

/** The samples of a label's parts, with new records in each, and their scorings up to date, or nearly. */
export function grown(
  samples: readonly Sample[],
  records: readonly (readonly Kept[])[],
  capacity: number,
  heldOut: Matrix,
): Sample[] {
  const after = samples.map(({ kept }, part) => largest(kept, records[part] ?? [], capacity))
  const arrived = samples.map(({ kept }, part) => {
    const before = new Set(kept.map(({ hash }) => hash))
    return after[part] === kept ? 0 : (after[part] ?? []).filter(({ hash }) => !before.has(hash)).length
  })
  const all = arrived.reduce((sum, count) => sum + count, 0)
  return samples.map(({ fresh: stale, scoring }, part): Sample => {
    const kept = after[part] ?? []
    const fresh = stale + all - (arrived[part] ?? 0)
    const others = after.flatMap((each, other) => (other === part ? [] : each))
    if (others.length === 0 || (scoring !== null && fresh * staleness < others.length)) return { kept, fresh, scoring }
    return { kept, fresh: 0, scoring: scoringOf(commonDirections(unit(others, heldOut.cols), heldOut.cols), heldOut) }
  })
}

/** How clean images score that nothing was learnt from. */
export function scoringOf(spectrum: Spectrum, heldOut: Matrix): Scoring {
  const roots = Float64Array.from({ length: heldOut.rows }, (_, row) => rootOf(heldOut, row, spectrum))
  const mean = roots.reduce((sum, root) => sum + root, 0) / roots.length
  const variance = roots.reduce((sum, root) => sum + (root - mean) ** 2, 0) / Math.max(1, roots.length - 1)
  const deviation = Math.sqrt(variance) || 1
  const sorted = roots.map((root) => (root - mean) / deviation).toSorted()
  return {
    spectrum,
    mean,
    deviation,
    tails: tails.map((tail) => {
      const threshold = quantile(sorted, 1 - tail)
      return { threshold, bound: clopperPearsonUpper(countAbove(sorted, threshold), sorted.length, doubt) }
    }),
  }
}

/** Standard deviations by which an image scores above clean ones. */
export function standardScore(of: Matrix, row: number, { spectrum, mean, deviation }: Scoring): number {
  return (rootOf(of, row, spectrum) - mean) / deviation
}

function rootOf(of: Matrix, row: number, spectrum: Spectrum): number {
  return Math.cbrt(quantumEntropyScore(of.data.subarray(row * of.cols, (row + 1) * of.cols), spectrum, alpha))
}

function unit(kept: readonly Kept[], dims: number): Float32Array {
  const data = new Float32Array(kept.length * dims)
  kept.forEach(({ direction }, at) => {
    const length = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0)) || 1
    for (let j = 0; j < dims; j++) data[at * dims + j] = (direction[j] ?? 0) / length
  })
  return data
}
