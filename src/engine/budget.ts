import type { Family } from '../core/detector.ts'
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

/**
 * Shares a detector's budget out among its subjects: they sum to at most 1 over all subjects that can ever appear.
 * Sources of the trusted data share most of the sources' part evenly, sources that appear later the rest by arrival, so that a flood of invented sources can't water the known ones down.
 */
export function subjectShares(trustedSources: readonly string[], labels: readonly string[]) {
  const trusted = new Set(trustedSources)
  const arrivals = new Map<string, number>()
  const arrival = (key: string, family: string) => {
    let j = arrivals.get(key)
    if (j === undefined) {
      const count = (arrivals.get(family) ?? 0) + 1
      arrivals.set(family, count)
      if (arrivals.size < maxArrivals) arrivals.set(key, count)
      j = count
    }
    return arrivalShare(j)
  }
  const ofSource = (name: string) =>
    trusted.has(name)
      ? knownShare / trusted.size
      : (trusted.size === 0 ? 1 : 1 - knownShare) * arrival(`source ${name}`, 'sources')
  return {
    /** The subject's share of its detector's budget. */
    of(subject: Subject): number {
      switch (subject.kind) {
        case 'stream':
          return 0.5
        case 'source':
          return 0.5 * ofSource(subject.name)
        case 'label':
          return labels.includes(subject.name)
            ? 0.25 / labels.length
            : 0.25 * arrival(`label ${subject.name}`, 'labels')
        case 'pair':
          return ofSource(subject.source) / Math.max(1, labels.length * (labels.length - 1))
        case 'feature':
          return 0.25 * arrival(`feature ${subject.feature} ${subject.label}`, 'features')
      }
    },
  }
}

// Beyond this many subjects the later ones are still tested, each time with the share of a newcomer.
const maxArrivals = 200_000
