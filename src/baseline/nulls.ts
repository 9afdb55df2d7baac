import type { Detector } from '../core/detector.ts'
import type { Encoded } from '../core/encoded.ts'
import { random } from '../stats/random.ts'
import { drawn, meanOf } from './drawn.ts'

/** Draws of a null: the smallest p-value is 1 / (1 + this). */
const draws = 1999
/** Calibration rows that a null is drawn from, at most: more would cost time and change nothing that matters. */
const mostRows = 2000
/** Fewer say too little about the spread of a statistic. */
const fewestRows = 50

/** What a null is drawn for. */
export interface NullOf {
  readonly detector: Detector
  readonly fitted: unknown
  readonly label: string | null // null: the statistic is of the whole stream
  readonly calibrationRows: Int32Array
  readonly referenceRows: Int32Array
}

/**
 * The sizes at which a statistic can be tested: no larger than a quarter of the reference and calibration rows together.
 * Beyond it what is unknown about the clean mean is no longer small against the noise of a batch, and the same error in
 * batch after batch would be taken for evidence.
 */
export function testableSizes(sizes: readonly number[], calibrationRows: number, referenceRows: number): number[] {
  if (calibrationRows < fewestRows) return []
  return sizes.filter((size) => 4 * size <= Math.min(calibrationRows, mostRows) + referenceRows)
}

/**
 * Null distributions of a statistic at each size, ascending, by a bootstrap with replacement in two stages: a draw of
 * the calibration rows stands for what another calibration split would have shown, and a batch is drawn from that.
 * A batch of m rows drawn straight from n calibration rows would understate its noise by the factor √(1 + m/n).
 *
 * Vectors are then recentred. The clean mean is unknown; the best estimate is the mean of reference and calibration
 * rows together, with the noise of a mean of so many rows, and not the calibration mean, whose noise a quadratic
 * statistic in many dimensions would take for a shift. In simulations (Hotelling's T², 2 to 100 dimensions, 45 to 360
 * calibration rows, normal and t₅ data) tests at 1 % alarmed in .0003 to .011 of fresh clean batches; a plain bootstrap
 * in 0 to .0103, with a power of .08 where this one has .65 (100 dimensions, batches of 200). On MNIST (6,000 trusted,
 * three seeds) they alarmed in 6 of 2,991 batches of 50 and 8 of 1,605 batches of 100 that no split had seen.
 */
export function bootstrapNulls(
  { detector, fitted, label, calibrationRows, referenceRows }: NullOf,
  calibration: Encoded,
  reference: Encoded,
  sizes: readonly number[],
  seed: number,
): ReadonlyMap<number, Float64Array> {
  const uniform = random(seed)
  const draw = (from: Int32Array, size: number) => {
    const rows = new Int32Array(size)
    for (let i = 0; i < size; i++) rows[i] = from[Math.floor(uniform() * from.length)] ?? 0
    return rows
  }

  const rows = thinned(calibrationRows, uniform)
  const n = rows.length
  const all = n + referenceRows.length
  const seen = meanOf(calibration.vectors, rows)
  const trusted = meanOf(reference.vectors, referenceRows)
  const centre = seen.map((value, j) => (n * value + referenceRows.length * (trusted[j] ?? 0)) / all)
  // each of the two stages loses a factor (n - 1)/n of the variance
  const scale = n / (n - 1)
  const noise = Math.sqrt(n / all) * scale

  const nulls = new Map(sizes.map((size) => [size, new Float64Array(draws)]))
  for (let b = 0; b < draws; b++) {
    const population = draw(rows, n)
    const mean = meanOf(calibration.vectors, population)
    // scale · (v - mean) + centre + noise · (mean - seen)
    const shift = mean.map((value, j) => (centre[j] ?? 0) - scale * value + noise * (value - (seen[j] ?? 0)))
    for (const [size, values] of nulls) {
      const batch = drawn(calibration, draw(population, size), { scale, shift })
      values[b] = statisticOf(detector, fitted, label, batch, size)
    }
  }
  for (const [size, values] of nulls) {
    if (values.some(Number.isNaN)) nulls.delete(size)
    else values.sort()
  }
  return nulls
}

/** The statistic of a batch at exactly `size` records; NaN where the detector gives none. */
function statisticOf(detector: Detector, fitted: unknown, label: string | null, batch: Encoded, size: number): number {
  for (const measurement of detector.measure(batch, fitted, detector.memory.empty()).measurements) {
    if (measurement.kind !== 'statistic' || measurement.records !== size) continue
    const { subject } = measurement
    if (label === null || (subject.kind === 'label' && subject.name === label)) return measurement.value
  }
  return NaN
}

function thinned(rows: Int32Array, uniform: () => number): Int32Array {
  if (rows.length <= mostRows) return rows
  const order = rows.slice()
  for (let i = 0; i < mostRows; i++) {
    const j = i + Math.floor(uniform() * (order.length - i))
    const swap = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = swap
  }
  return order.slice(0, mostRows)
}
