import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import { sourcePlaces } from '../src/core/source-mix.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement, Subject } from '../src/core/measurement.ts'
import { logPToE } from '../src/stats/log-p-to-e.ts'
import type { Anchor } from './distribution-shift/anchor.ts'
import { addBlocks, blocksFor, clear, gather, noBlocks, type Blocks } from './distribution-shift/blocks.ts'
import { explain } from './distribution-shift/explain.ts'
import { blockPValue, displacement, longPValue } from './distribution-shift/p-values.ts'
import { fewestRows, nullBatch } from './distribution-shift/sizes.ts'
import { packFitted, unpackFitted } from './distribution-shift/stored.ts'
import { learn, type Fitted } from './distribution-shift/trusted.ts'

const params = z.strictObject({
  axes: z.int().min(1).max(256).default(24).describe('Principal axes of trusted content that are looked at'),
  frequencies: z
    .int()
    .min(1)
    .max(256)
    .default(32)
    .describe('Random frequencies of the kernel; each gives a cosine and a sine'),
  shrinkage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.02)
    .describe('How far the covariance of these is drawn towards a sphere (share); 1: the plain mean discrepancy'),
  horizon: z.int().min(1000).default(20_000).describe('Length of the second, long blocks (records)'),
})

interface Memory {
  readonly waiting: Blocks // not yet tested
  readonly long: Blocks
}

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Shift of the distribution of content',
    family: 'drift',
    catches:
      'Content that is spread otherwise than among trusted records, in the stream, under a label or from a source: records from elsewhere mixed in, noise, a missing part, another mixture. Labels are not needed. In tables it names the columns.',
    misses:
      'Few foreign records among many (about one in twenty in a batch of 250), changes outside the leading principal axes, sources with fewer than 200 trusted reference records, new sources (what another mix of sources would make is allowed for), and drift no larger than what trusted records show among themselves over time. It does not tell an attack from an honest change of content.',
    references: [
      'Gretton et al. 2012, A Kernel Two-Sample Test, JMLR 13',
      'Rahimi & Recht 2007, Random Features for Large-Scale Kernel Machines, NIPS',
      'Harchaoui, Bach & Moulines 2008, Testing for Homogeneity with Kernel Fisher Discriminant Analysis, NIPS 20',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: false, trustedPerLabel: 1 },
  resample: null,
  params,
  fit(reference, choice, seed) {
    const rows = sizeOf(reference.records)
    const fitted = rows < fewestRows ? null : learn(reference, choice, seed)
    if (fitted === null || fitted.anchors.length === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `distribution-shift needs ${fewestRows} reference records that are not all equal, and there are ${rows}: trust more records`,
      )
    }
    return fitted
  },
  codec: { encode: packFitted, decode: unpackFitted },
  memory: {
    empty: () => ({ waiting: noBlocks, long: noBlocks }),
    merge: (a, b) => ({ waiting: merged(a.waiting, b.waiting), long: merged(a.long, b.long) }),
    codec: {
      encode: ({ waiting, long }) =>
        pack({
          json: { width: waiting.width },
          arrays: {
            counts: waiting.counts,
            sums: waiting.sums,
            mix: waiting.mix,
            longCounts: long.counts,
            longSums: long.sums,
            longMix: long.mix,
          },
        }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        const { width } = z.strictObject({ width: z.int().min(0) }).parse(unpacked.json)
        const counts = arrayOf(unpacked, 'counts', 'Float64Array')
        const size = counts.length * width
        const places = counts.length * sourcePlaces
        return {
          waiting: {
            width,
            counts,
            sums: arrayOf(unpacked, 'sums', 'Float64Array', size),
            mix: arrayOf(unpacked, 'mix', 'Float64Array', places),
          },
          long: {
            width,
            counts: arrayOf(unpacked, 'longCounts', 'Float64Array', counts.length),
            sums: arrayOf(unpacked, 'longSums', 'Float64Array', size),
            mix: arrayOf(unpacked, 'longMix', 'Float64Array', places),
          },
        }
      },
    },
  },
  measure(batch, fitted, memory) {
    if (sizeOf(batch.records) === 0 || batch.vectors.cols !== fitted.map.mean.length) {
      return { measurements: [], memory }
    }
    const arrived = gather(batch, fitted)
    const [waiting, long] = [blocksFor(fitted), blocksFor(fitted)]
    for (const part of [memory.waiting, arrived]) addBlocks(waiting, part)
    for (const part of [memory.long, arrived]) addBlocks(long, part)
    const measurements: Measurement[] = []
    fitted.anchors.forEach((anchor, i) => {
      if (arrived.counts[i] === 0) return
      const count = waiting.counts[i] ?? 0
      const subject = subjectOf(anchor)
      if (count < nullBatch) {
        // one that waits is enough to say so
        if (i === 0) measurements.push({ kind: 'insufficient', subject, records: count, needed: nullBatch })
        return
      }
      // two bets of one mixture: the engine keeps and averages their evidence, so that both may count the same records
      const logE = Float64Array.of(
        logPToE(blockPValue(anchor, squared(fitted, anchor, waiting, i), count, mixOf(waiting, i))),
        0,
      )
      clear(waiting, i)
      if ((long.counts[i] ?? 0) >= fitted.horizon) {
        logE[1] = logPToE(longPValue(anchor, squared(fitted, anchor, long, i), long.counts[i] ?? 0, mixOf(long, i)))
        clear(long, i)
      }
      measurements.push({ kind: 'increment', subject, logE, records: count })
    })
    return { measurements, memory: { waiting, long } }
  },
  explain: (subject, batch, fitted) => explain(subject, batch, fitted),
  proof: [],
}
export default detector

function merged(a: Blocks, b: Blocks): Blocks {
  if (a.width === 0) return b
  addBlocks(a, b)
  return a
}

function subjectOf({ kind, name }: Anchor): Subject {
  return kind === 'stream' ? { kind } : { kind, name }
}

const mixOf = ({ mix }: Blocks, i: number) => mix.subarray(i * sourcePlaces, (i + 1) * sourcePlaces)

/** Squared length of the displacement of all records that an anchor has gathered. */
function squared(fitted: Fitted, anchor: Anchor, { width, counts, sums }: Blocks, i: number): number {
  const moved = displacement(fitted, anchor, sums.subarray(i * width, (i + 1) * width), counts[i] ?? 0)
  return moved.reduce((sum, x) => sum + x * x, 0)
}
