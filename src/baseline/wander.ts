import type { Detector } from '../core/detector.ts'
import { selectEncoded, type Encoded } from '../core/encoded.ts'
import { mean } from '../stats/mean.ts'
import { quantile } from '../stats/quantile.ts'
import type { EncodedSplits } from './fit-encoding.ts'

/** Stretches of time that trusted records are cut into. */
const stretches = 5
/** Batches that must lie in unseen stretches before anything is said about them. */
const fewestBatches = 5
/** Standard errors by which their mean must exceed the null's before it is more than chance. */
const beyondChance = 3

export interface Wander {
  /** What the null at each size has to be multiplied by; a size that is not named cannot be tested. */
  readonly factors: ReadonlyMap<number, number>
  readonly timeless: boolean // the records say nothing about time
}

/**
 * How far honest data wander over time. A null drawn from a random split of the trusted records knows only the noise of
 * records drawn at random from all of that time, but batches arrive from a time of their own, with its topics and
 * threads. So the detector is fitted again without one stretch of time after the other, and measures batches of the
 * stretch left out, in their order. Where these lie higher than chance explains, the null is scaled up by the most that
 * any of the upper half exceeds its quantile. Data whose order in time means nothing keep their null.
 */
export function wanderOf(
  detector: Detector,
  params: unknown,
  seed: number,
  { whole, rows }: EncodedSplits,
  label: string | null,
  nulls: ReadonlyMap<number, Float64Array>,
): Wander {
  const { at } = whole.records
  const index = label === null ? -1 : whole.labels.indexOf(label)
  const known = [...rows.reference, ...rows.calibration].filter((row) => !Number.isNaN(at[row] ?? NaN))
  const timeless = known.length < rows.reference.length
  const own = known
    .filter((row) => label === null || whole.label[row] === index)
    .toSorted((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b)
  const first = own[0]
  const last = own.at(-1)
  if (timeless || first === undefined || last === undefined || at[first] === at[last]) {
    return { factors: new Map([...nulls.keys()].map((size) => [size, 1])), timeless }
  }

  const unseen = new Map<number, number[]>([...nulls.keys()].map((size) => [size, []]))
  for (let s = 0; s < stretches; s++) {
    const stretch = own.slice(Math.floor((own.length * s) / stretches), Math.floor((own.length * (s + 1)) / stretches))
    const from = at[stretch[0] ?? 0] ?? 0
    const to = at[stretch.at(-1) ?? 0] ?? 0
    const others = rows.reference.filter((row) => !((at[row] ?? NaN) >= from && (at[row] ?? NaN) <= to))
    const fitted = fitWithout(detector, params, seed, selectEncoded(whole, others))
    if (fitted === null) continue
    for (const [size, values] of unseen)
      values.push(...statistics(detector, fitted.fitted, whole, stretch, size, label))
  }
  return { factors: factorsOf(nulls, unseen), timeless }
}

function factorsOf(
  nulls: ReadonlyMap<number, Float64Array>,
  unseen: ReadonlyMap<number, readonly number[]>,
): Map<number, number> {
  const factors = new Map<number, number>()
  let wanders = false
  for (const [size, sorted] of [...nulls].toSorted(([a], [b]) => a - b)) {
    const values = (unseen.get(size) ?? []).toSorted((a, b) => a - b)
    if (values.length < fewestBatches) {
      // too few to see it wander; where smaller batches do, larger ones do more
      if (!wanders) factors.set(size, 1)
      continue
    }
    const centre = mean(sorted)
    const spread = Math.sqrt(mean(sorted.map((value) => (value - centre) ** 2)))
    wanders ||= mean(values) > centre + (beyondChance * spread) / Math.sqrt(values.length)
    const half = Math.floor(values.length / 2)
    const excess = values.slice(half).map((value, i) => value / quantile(sorted, (half + i + 0.5) / values.length))
    factors.set(size, wanders ? Math.max(1, ...excess) : 1)
  }
  return factors
}

/** Null where what is left cannot feed the detector. */
function fitWithout(detector: Detector, params: unknown, seed: number, reference: Encoded): { fitted: unknown } | null {
  try {
    return { fitted: detector.fit(reference, params, seed) }
  } catch {
    return null
  }
}

/** The statistic of each full batch of `size` rows, in their order. */
function statistics(
  detector: Detector,
  fitted: unknown,
  whole: Encoded,
  rows: readonly number[],
  size: number,
  label: string | null,
): number[] {
  return Array.from({ length: Math.floor(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size)).flatMap(
    (batch) =>
      detector
        .measure(selectEncoded(whole, batch), fitted, detector.memory.empty())
        .measurements.flatMap((measurement) =>
          measurement.kind === 'statistic' &&
          measurement.records === size &&
          (label === null || (measurement.subject.kind === 'label' && measurement.subject.name === label))
            ? [measurement.value]
            : [],
        ),
  )
}
