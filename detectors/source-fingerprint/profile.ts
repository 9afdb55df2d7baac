import { logMeanExp } from '../../src/stats/log-mean-exp.ts'

/** The trusted records of one source; the last profile of all may be everybody who has none. */
export interface Profile {
  readonly name: string | null // null: all other sources together
  readonly records: number
  readonly mean: Float64Array // whitened
  readonly noise: number // squared distance of a record from the mean, expected
}

/** Records of a source that are tested together, at least. */
export const blockSize = 15
/** Of means of blocks, by which the midpoint between two sources must lie off both. */
const deviationsToMidpoint = 3

export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += ((a[j] ?? 0) - (b[j] ?? 0)) ** 2
  return sum
}

export function profileOf(name: string | null, numbers: readonly Float64Array[], cols: number): Profile {
  const mean = meanOf(numbers, cols)
  const sum = numbers.reduce((total, x) => total + squaredDistance(x, mean), 0)
  return { name, records: numbers.length, mean, noise: sum / Math.max(1, numbers.length - 1) }
}

export function meanOf(numbers: readonly Float64Array[], cols: number): Float64Array {
  const mean = new Float64Array(cols)
  for (const x of numbers) for (let j = 0; j < cols; j++) mean[j] = (mean[j] ?? 0) + (x[j] ?? 0) / numbers.length
  return mean
}

/** How much wider than the pooled covariance says the records of a source spread, at least 1. */
const scaleOf = ({ noise, mean }: Profile) => Math.max(1, noise / Math.max(1, mean.length))

/**
 * The sources that a source can't honestly be mistaken for: a block of its records is far from the midpoint between the
 * two, also with the noise that both trusted means have. Honest change that goes less than half of the way to another
 * source is no evidence then.
 */
export function rivalsOf(own: Profile, profiles: readonly Profile[]): Profile[] {
  const apart = (2 * deviationsToMidpoint) ** 2 * scaleOf(own) * (1 / blockSize + 1 / own.records)
  return profiles.filter((other) => {
    if (other === own) return false
    const chance = own.noise / own.records + other.noise / other.records
    return squaredDistance(own.mean, other.mean) - chance >= apart
  })
}

/**
 * Log likelihood ratio of `count` records with a mean being of some rival, each equally likely, against their being of the
 * source itself: normal with one covariance, as in linear discriminant analysis. More than a quarter of the source's
 * trusted records count as that many: the noise of the trusted mean is the same in each batch.
 */
export function logRatio(mean: Float64Array, count: number, own: Profile, rivals: readonly Profile[]): number {
  if (rivals.length === 0) return 0
  const size = 1 / (1 / Math.min(count, Math.max(1, own.records / 4)) + 1 / own.records) / scaleOf(own)
  const distance = squaredDistance(mean, own.mean)
  return logMeanExp(rivals.map((rival) => 0.5 * size * (distance - squaredDistance(mean, rival.mean))))
}
