import { concatenated } from '../src/core/concatenated.ts'
import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import type { Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { displacement, fewestRows, shapeOf, sizes, squared, testable, type Shape } from './class-shift/shape.ts'

const params = z.strictObject({
  shrinkage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('How far the covariance of a label is drawn towards a sphere (share)'),
})

interface Fitted {
  readonly dims: number
  readonly shapes: readonly Shape[] // by label
}

/** Records of each label that wait until there are enough of them. */
interface Memory {
  readonly dims: number // 0: nothing waits
  readonly counts: Float64Array // by label
  readonly sums: Float64Array // labels × dims
}

const mostSuspects = 20

const empty: Memory = { dims: 0, counts: new Float64Array(0), sums: new Float64Array(0) }

/** Waiting records and those of the batch, by label. */
function gathered(batch: Encoded, memory: Memory): { counts: Float64Array; sums: Float64Array } {
  const d = batch.vectors.cols
  const counts = new Float64Array(batch.labels.length)
  const sums = new Float64Array(batch.labels.length * d)
  if (memory.dims === d && memory.counts.length === counts.length) {
    counts.set(memory.counts)
    sums.set(memory.sums)
  }
  const { data } = batch.vectors
  for (let row = 0; row < batch.label.length; row++) {
    const label = batch.label[row] ?? -1
    if (label < 0) continue
    counts[label] = (counts[label] ?? 0) + 1
    for (let j = 0; j < d; j++) sums[label * d + j] = (sums[label * d + j] ?? 0) + (data[row * d + j] ?? 0)
  }
  return { counts, sums }
}

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Shift of a label’s content',
    family: 'drift',
    catches:
      'The records of a label moving away, together, from what trusted records of it look like: targeted flips from one other label, floods of copies, noise, content of a new kind under an old label.',
    misses:
      'Few poisoned records among many, changes that leave the mean of a label in place, and any change until a label has 50 new records. Honest drift of a label beyond what trusted records show among themselves is reported too.',
    references: [
      'Hotelling 1931, The generalization of Student’s ratio, Annals of Mathematical Statistics 2',
      'Ledoit & Wolf 2004, A well-conditioned estimator for large-dimensional covariance matrices, J. Multivariate Analysis 88',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: fewestRows },
  resample: { by: 'label', sizes },
  params,
  fit(reference, { shrinkage }) {
    const shapes = reference.labels.map((_, label) => shapeOf(reference, label, shrinkage))
    if (shapes.every(({ lower }) => lower.length === 0)) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `class-shift needs ${fewestRows} reference records of a label that are not all equal, and no label has them: trust more records`,
      )
    }
    return { dims: reference.vectors.cols, shapes }
  },
  codec: {
    encode: ({ dims, shapes }) =>
      pack({
        json: { dims, lengths: shapes.map(({ lower }) => lower.length) },
        arrays: {
          rows: Float64Array.from(shapes, ({ rows }) => rows),
          noise: Float64Array.from(shapes, ({ noise }) => noise),
          means: concatenated(shapes.map(({ mean }) => mean)),
          lowers: concatenated(shapes.map(({ lower }) => lower)),
        },
      }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { dims, lengths } = z
        .strictObject({ dims: z.int().min(0), lengths: z.array(z.int().min(0)) })
        .refine((value) => value.lengths.every((length) => length === 0 || length === value.dims ** 2))
        .parse(unpacked.json)
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const rows = arrayOf(unpacked, 'rows', 'Float64Array', lengths.length)
      const noise = arrayOf(unpacked, 'noise', 'Float64Array', lengths.length)
      const means = arrayOf(unpacked, 'means', 'Float64Array', lengths.length * dims)
      const lowers = arrayOf(unpacked, 'lowers', 'Float64Array', total)
      let at = 0
      const shapes = lengths.map((length, label) => ({
        rows: rows[label] ?? 0,
        noise: noise[label] ?? 0,
        mean: means.slice(label * dims, (label + 1) * dims),
        lower: lowers.slice(at, (at += length)),
      }))
      return { dims, shapes }
    },
  },
  memory: {
    empty: () => empty,
    merge(a, b) {
      if (a.dims === 0) return b
      if (b.dims === 0) return a
      return {
        dims: a.dims,
        counts: a.counts.map((count, i) => count + (b.counts[i] ?? 0)),
        sums: a.sums.map((sum, i) => sum + (b.sums[i] ?? 0)),
      }
    },
    codec: {
      encode: ({ dims, counts, sums }) => pack({ json: dims, arrays: { counts, sums } }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        const dims = z.int().min(0).parse(unpacked.json)
        const counts = arrayOf(unpacked, 'counts', 'Float64Array')
        return { dims, counts, sums: arrayOf(unpacked, 'sums', 'Float64Array', counts.length * dims) }
      },
    },
  },
  measure(batch, { dims, shapes }, memory) {
    if (sizeOf(batch.records) === 0 || batch.vectors.cols !== dims) return { measurements: [], memory }
    const { counts, sums } = gathered(batch, memory)
    const measurements: Measurement[] = []
    const arrived = new Set(batch.label)
    shapes.forEach((shape, label) => {
      const subject = { kind: 'label', name: batch.labels[label] ?? '' } as const
      const count = counts[label] ?? 0
      if (count === 0) return
      if (shape.lower.length === 0) {
        if (arrived.has(label))
          measurements.push({ kind: 'insufficient', subject, records: shape.rows, needed: fewestRows })
        counts[label] = 0
        sums.fill(0, label * dims, (label + 1) * dims)
        return
      }
      const size = testable(shape.rows).findLast((each) => each <= count)
      if (size === undefined) {
        if (arrived.has(label)) measurements.push({ kind: 'insufficient', subject, records: count, needed: sizes[0] })
        return
      }
      // T² of a block of `size` records, averaged over all such blocks that the `count` records could be cut into: the
      // mean of all, and the noise that a smaller block would have had. The average spreads less than the T² of one
      // block, which its null is made of, and no order of the records decides what it is.
      const moved = displacement(shape, sums.subarray(label * dims, (label + 1) * dims), count)
      const value = size * squared(moved) + (1 - size / count) * shape.noise
      measurements.push({ kind: 'statistic', subject, value, records: size })
      counts[label] = 0
      sums.fill(0, label * dims, (label + 1) * dims)
    })
    return { measurements, memory: { dims, counts, sums } }
  },
  explain(subject, batch, { dims, shapes }) {
    const label = subject.kind === 'label' ? batch.labels.indexOf(subject.name) : -1
    const shape = shapes[label]
    const rows = Array.from(batch.label, (_, row) => row).filter((row) => batch.label[row] === label)
    if (shape === undefined || shape.lower.length === 0 || rows.length === 0 || batch.vectors.cols !== dims) {
      return {
        summary: 'The content of this label had shifted before; this batch has none of it.',
        suspects: [],
        facts: {},
      }
    }
    const { sums } = gathered(batch, empty)
    const moved = displacement(shape, sums.subarray(label * dims, (label + 1) * dims), rows.length)
    const length = Math.sqrt(squared(moved))
    const along = (v: Float64Array) => v.reduce((sum, x, j) => sum + x * (moved[j] ?? 0), 0) / (length || 1)
    const distances = new Map(
      rows.map((row) => [
        row,
        along(displacement(shape, batch.vectors.data.subarray(row * dims, (row + 1) * dims), 1)),
      ]),
    )
    const suspects = rows.toSorted((a, b) => (distances.get(b) ?? 0) - (distances.get(a) ?? 0)).slice(0, mostSuspects)
    let towards = -1
    let most = 0
    shapes.forEach((other, each) => {
      if (each === label || other.lower.length === 0) return
      const way = displacement(shape, other.mean, 1)
      const cosine = along(way) / (Math.sqrt(squared(way)) || 1)
      if (cosine > most) [towards, most] = [each, cosine]
    })
    const name = JSON.stringify(batch.labels[label] ?? '')
    const near = batch.labels[towards]
    return {
      summary: `The ${rows.length} records labelled ${name} lie ${length.toFixed(2)} standard deviations from the mean of the trusted ones${
        near === undefined ? '' : `, in the direction of ${JSON.stringify(near)}`
      }.`,
      suspects,
      facts: {
        label: batch.labels[label] ?? '',
        records: rows.length,
        displacement: length,
        expectedDisplacement: Math.sqrt(shape.noise / rows.length),
        ...(near === undefined ? {} : { towards: near, towardsCosine: most }),
        suspectDistances: suspects.map((row) => distances.get(row) ?? 0),
      },
    }
  },
  proof: [],
}
export default detector
