import type { Family } from '../core/detector.ts'
import { hash32 } from '../core/hash.ts'
import type { Subject } from '../core/measurement.ts'

/** False alarms that the user accepts: `falseAlarms` in `batches` batches on average. */
export interface Budget {
  readonly falseAlarms: number
  readonly batches: number
}

/** How the budget is shared out among families of detectors; those present share what the absent ones leave. */
const families: { readonly [family in Family]: number } = {
  label: 0.35,
  trigger: 0.25,
  drift: 0.2,
  labeler: 0.1,
  integrity: 0.1,
}

/**
 * Log of the average run length between false alarms that the budget asks for, in batches. An e-detector that alarms
 * at this level keeps it (Shin, Ramdas & Rinaldo 2023, "E-detectors", theorem 2.4).
 */
export function logRunLength(budget: Budget): number {
  return Math.log(budget.batches / budget.falseAlarms)
}

/** Each detector's share of the budget; shares sum to 1. */
export function detectorShares(
  detectors: readonly { readonly name: string; readonly family: Family }[],
): ReadonlyMap<string, number> {
  const sizes = new Map<Family, number>()
  for (const { family } of detectors) sizes.set(family, (sizes.get(family) ?? 0) + 1)
  const total = [...sizes.keys()].reduce((sum, family) => sum + families[family], 0)
  return new Map(detectors.map(({ name, family }) => [name, families[family] / total / (sizes.get(family) ?? 1)]))
}

/** Share of the j-th subject to appear (j = 1, 2, …) among subjects that nobody can count in advance: sums to less than 1. */
export function arrivalShare(j: number): number {
  return 1 / (2 * j * (1 + Math.log(j)) ** 2)
}

/** Of the sources' part, what those of the trusted data have. */
const knownShare = 0.7

/** Subjects of one kind that trusted data do not name, in the order in which they appeared. */
export interface Appeared {
  readonly count: number
  readonly first: Float64Array // hashes of their names, as many as are remembered
}

export const newcomers = ['sources', 'labels', 'features'] as const
export type Newcomers = (typeof newcomers)[number]
export type Arrivals = { readonly [kind in Newcomers]: Appeared }

// Of what a detector may speak: the stream, sources, and labels or features (none speaks of both, nor of pairs and anything
// else, which have all of it).
const kinds = { stream: 0.4, sources: 0.4, labels: 0.2 }

/**
 * Shares a detector's budget out among its subjects: they sum to at most 1 over all subjects that can ever appear.
 * Sources of the trusted data share most of the sources' part evenly, sources that appear later the rest by arrival, so that a flood of invented sources can't water the known ones down.
 */
export function subjectShares(trustedSources: readonly string[], labels: readonly string[], before?: Arrivals) {
  const trusted = new Set(trustedSources)
  const places = {
    sources: arrivalPlaces(before?.sources),
    labels: arrivalPlaces(before?.labels),
    features: arrivalPlaces(before?.features),
  }
  const ofSource = (name: string) =>
    trusted.has(name)
      ? knownShare / trusted.size
      : (trusted.size === 0 ? 1 : 1 - knownShare) * arrivalShare(places.sources.of(name))
  return {
    /** The subject's share of its detector's budget. */
    of(subject: Subject): number {
      switch (subject.kind) {
        case 'stream':
          return kinds.stream
        case 'source':
          return kinds.sources * ofSource(subject.name)
        case 'label':
          return labels.includes(subject.name)
            ? kinds.labels / labels.length
            : kinds.labels * arrivalShare(places.labels.of(subject.name))
        case 'pair':
          return ofSource(subject.source) / Math.max(1, labels.length * (labels.length - 1))
        case 'feature':
          return kinds.labels * arrivalShare(places.features.of(`${subject.feature} ${subject.label}`))
      }
    },
    state: (): Arrivals => ({
      sources: places.sources.state(),
      labels: places.labels.state(),
      features: places.features.state(),
    }),
  }
}

// Beyond this many subjects the later ones are still tested, each time with the share of a newcomer.
const maxArrivals = 200_000

/**
 * The place of each subject of one kind by its arrival, from 1. Subjects are known by 53 bits of a hash, whatever the
 * length of their names: two of 200,000 share a place with a probability of about 2e-6, and then share what it gives.
 */
function arrivalPlaces(before: Appeared = { count: 0, first: new Float64Array() }) {
  const places = new Map(Array.from(before.first, (hash, i) => [hash, i + 1]))
  let { count } = before
  return {
    of(name: string): number {
      const hash = hash32(name, 0x50f7) * 2 ** 21 + (hash32(name, 0x1ce5) >>> 11)
      const known = places.get(hash)
      if (known !== undefined) return known
      count++
      if (places.size < maxArrivals) places.set(hash, count)
      return count
    },
    state: (): Appeared => ({ count, first: Float64Array.from(places.keys()) }),
  }
}
