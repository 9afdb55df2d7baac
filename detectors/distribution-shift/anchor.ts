import { stretchesOf } from '../../src/core/stretches.ts'
import { random } from '../../src/stats/random.ts'
import { betweenGroupVariance } from '../../src/stats/between-group-variance.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { sourcePlaces } from '../../src/core/source-mix.ts'
import { fewestRows, nullBatch } from './sizes.ts'

/**
 * What trusted records of the stream, a label or a source look like, in whitened features. `null` and `wander` say how
 * far the mean of a clean batch may lie from `mean`.
 */
export interface Anchor {
  readonly kind: 'stream' | 'label' | 'source'
  readonly name: string
  readonly rows: number // reference records
  readonly mean: Float64Array // features
  readonly noise: number // expected squared distance of one record from the mean
  readonly null: Float64Array // ascending: n ‖mean of n records − mean‖², drawn from reference records
  /** Variance that means of clean batches have beside their own noise, in units of `noise`, by records of a batch. */
  readonly wander: readonly { readonly size: number; readonly variance: number }[]
  readonly mix: Float64Array // shares of sources, by place
  readonly bySource: number // variance between the means of sources, in units of `noise`
}

const draws = 1999
const stretches = 5
const fewestBlocks = 5
/** Standard errors by which blocks must lie out on average before it is more than chance. */
const beyondChance = 3

/** When trusted records came, and where from: the place at which their source is counted. */
export interface Origins {
  readonly at: Float64Array
  readonly place: Int32Array
}

/** Rows of whitened features, `width` numbers each. */
export interface Rows {
  readonly width: number
  readonly data: Float64Array
}

/**
 * Null undefined where the rows are too few. The null is a bootstrap of batches of 50: cosines and sines are bounded,
 * so that larger batches come nearer to the normal law, whose tail is lighter. `inflation` is how much farther records
 * lie from what others were whitened by than from what they themselves took part in.
 */
export function anchorOf(
  kind: Anchor['kind'],
  name: string,
  { width, data }: Rows,
  members: Int32Array,
  { at, place }: Origins,
  inflation: number,
  seed: number,
): Anchor | null {
  const rows = members.length
  if (rows < fewestRows) return null
  const mean = meanOf(data, width, members)
  let noise = 0
  for (const row of members) noise += (inflation * squaredDistance(data, row * width, mean)) / (rows - 1)
  if (!(noise > 0)) return null
  const uniform = random(seed)
  const distances = new Float64Array(draws)
  const batch = new Int32Array(nullBatch)
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < nullBatch; i++) batch[i] = members[Math.floor(uniform() * rows)] ?? 0
    const scale = (nullBatch * inflation * rows) / (rows - 1)
    distances[draw] = scale * squaredDistance(meanOf(data, width, batch), 0, mean)
  }
  distances.sort()
  const mix = new Float64Array(sourcePlaces)
  for (const row of members) mix[place[row] ?? 0] = (mix[place[row] ?? 0] ?? 0) + 1 / rows
  const own = new Float64Array(rows * width)
  members.forEach((row, i) => own.set(data.subarray(row * width, (row + 1) * width), i * width))
  const between = betweenGroupVariance(
    own,
    width,
    members.map((row) => place[row] ?? 0),
  )
  const bySource = between.reduce((sum, variance) => sum + variance, 0) / noise
  const anchor = { kind, name, rows, mean, noise, null: distances, wander: [], mix, bySource }
  return { ...anchor, wander: wanderOf(anchor, { width, data }, members, at, inflation) }
}

/**
 * How far honest data wander over time beyond the noise of records drawn at random. Trusted records are cut into
 * stretches of time, and blocks of each stretch measured against the mean of every other stretch: what comes after the
 * trusted records is as far from them as one stretch from another, not as near as one among the rest. Where they lie higher
 * than chance explains, the excess over the null is taken for the variance of an honest mean: the most that any of the
 * upper half of the blocks asks for.
 */
function wanderOf(
  anchor: Anchor,
  { width, data }: Rows,
  members: Int32Array,
  at: Float64Array,
  inflation: number,
): Anchor['wander'] {
  const parts = stretchesOf([...members], at, stretches).map((stretch) => {
    const rows = Int32Array.from(stretch)
    return { rows, mean: meanOf(data, width, rows) }
  })
  const wander: { size: number; variance: number }[] = []
  for (let size = nullBatch / 2; size <= members.length / stretches; size *= 2) {
    const values = parts.flatMap((one) =>
      Array.from({ length: Math.floor(one.rows.length / size) }, (_, b) => {
        const block = meanOf(data, width, one.rows.subarray(b * size, (b + 1) * size))
        return parts.flatMap((other) =>
          other === one ? [] : [size * inflation * squaredDistance(block, 0, other.mean)],
        )
      }).flat(),
    )
    if (values.length < fewestBlocks * (stretches - 1)) break
    wander.push({
      size,
      variance: excess(
        anchor,
        values.toSorted((a, b) => a - b),
        (size * stretches) / members.length,
        size,
      ),
    })
  }
  // a batch of a size wanders as much as any larger one did: what is left of it there is the slow part
  return wander.map(({ size }, i) => ({ size, variance: Math.max(...wander.slice(i).map(({ variance }) => variance)) }))
}

function excess({ null: sorted, noise }: Anchor, values: readonly number[], ofOthers: number, size: number): number {
  const centre = noise * (1 + ofOthers)
  const spread = Math.sqrt(sorted.reduce((sum, value) => sum + (value - noise) ** 2, 0) / sorted.length)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (mean <= centre + (beyondChance * spread) / Math.sqrt(values.length / (stretches - 1))) return 0
  const half = Math.floor(values.length / 2)
  const factors = values.slice(half).map((value, i) => value / quantile(sorted, (half + i + 0.5) / values.length))
  return Math.max(0, Math.max(...factors) - 1 - ofOthers) / size
}

export function meanOf(data: Float64Array, width: number, rows: Int32Array): Float64Array {
  const mean = new Float64Array(width)
  for (const row of rows) for (let j = 0; j < width; j++) mean[j] = (mean[j] ?? 0) + (data[row * width + j] ?? 0)
  return mean.map((sum) => sum / Math.max(1, rows.length))
}

export function squaredDistance(data: Float64Array, from: number, mean: Float64Array): number {
  let sum = 0
  for (let j = 0; j < mean.length; j++) sum += ((data[from + j] ?? 0) - (mean[j] ?? 0)) ** 2
  return sum
}
