import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import { concatenated } from '../src/core/concatenated.ts'
import type { Detector } from '../src/core/detector.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { logEvidence, type Faded } from './slow-drift/bets.ts'
import { explain } from './slow-drift/explain.ts'
import { packFitted, unpackFitted } from './slow-drift/stored.ts'
import { fade, totalsFor, totalsOf } from './slow-drift/totals.ts'
import { fewestRows, learn, type Fitted } from './slow-drift/trusted.ts'

const params = z.strictObject({
  axes: z.int().min(1).max(64).default(12).describe('Principal axes of trusted content whose means are followed'),
  horizon: z.int().min(1000).default(20_000).describe('Records after which an explanation forgets (to 37 %)'),
})

/** Fading totals by anchor, to tell what drifted; the evidence itself needs none. Empty: nothing was seen. */
type Memory = readonly Faded[]

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Slow drift away from trusted content',
    family: 'drift',
    catches:
      'Content that moves a little with every batch, each too little to be noticed, and foreign records that become more frequent little by little; of the stream, and of each source with trusted records enough. It is measured against the trusted records, never against what came shortly before.',
    misses:
      'Changes outside the leading principal axes that leave records as near to trusted ones as before, sources with fewer than 200 trusted reference records, and drift that stays within what trusted records show among themselves over time, what another mix of sources would make, or the error of their mean (2.5 standard errors). Honest drift is reported as well: it does not tell why content moves.',
    references: [
      'Rubinstein et al. 2009, ANTIDOTE: Understanding and Defending against Poisoning of Anomaly Detectors, IMC',
      'Shin, Ramdas & Rinaldo 2023, E-detectors: A Nonparametric Framework for Sequential Change Detection, New England Journal of Statistics in Data Science',
      'Boucheron, Lugosi & Massart 2013, Concentration Inequalities, Oxford University Press',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: false, trustedPerLabel: 1 },
  resample: null,
  params,
  fit(reference, { axes, horizon }, seed) {
    const rows = sizeOf(reference.records)
    const fitted = rows < fewestRows ? null : learn(reference, axes, horizon, seed)
    if (fitted === null || fitted.anchors.length === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `slow-drift needs ${fewestRows} reference records that are not all equal, and there are ${rows}: trust more records`,
      )
    }
    return fitted
  },
  codec: { encode: packFitted, decode: unpackFitted },
  memory: {
    empty: () => [],
    merge(a, b) {
      if (a.length === 0) return b
      return a.map(({ count, sums, inTail }, i) => ({
        count: count + (b[i]?.count ?? 0),
        sums: sums.map((sum, k) => sum + (b[i]?.sums[k] ?? 0)),
        inTail: inTail.map((sum, t) => sum + (b[i]?.inTail[t] ?? 0)),
      }))
    },
    codec: {
      encode: (totals) =>
        pack({
          json: { axes: totals[0]?.sums.length ?? 0, tails: totals[0]?.inTail.length ?? 0 },
          arrays: {
            counts: Float64Array.from(totals, ({ count }) => count),
            sums: concatenated(totals.map(({ sums }) => sums)),
            inTail: concatenated(totals.map(({ inTail }) => inTail)),
          },
        }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        const { axes, tails } = z.strictObject({ axes: z.int().min(0), tails: z.int().min(0) }).parse(unpacked.json)
        const counts = arrayOf(unpacked, 'counts', 'Float64Array')
        const sums = arrayOf(unpacked, 'sums', 'Float64Array', counts.length * axes)
        const inTail = arrayOf(unpacked, 'inTail', 'Float64Array', counts.length * tails)
        return Array.from(counts, (count, i) => ({
          count,
          sums: sums.slice(i * axes, (i + 1) * axes),
          inTail: inTail.slice(i * tails, (i + 1) * tails),
        }))
      },
    },
  },
  measure(batch, fitted, memory) {
    if (sizeOf(batch.records) === 0 || batch.vectors.cols !== fitted.axes.mean.length) {
      return { measurements: [], memory }
    }
    const arrived = totalsOf(batch, fitted)
    const totals = memory.length === arrived.length ? memory : totalsFor(fitted)
    const measurements: Measurement[] = []
    fitted.anchors.forEach((anchor, i) => {
      const [own, kept] = [arrived[i], totals[i]]
      if (own === undefined || kept === undefined || own.count === 0) return
      fade(kept, own, fitted.horizon)
      measurements.push({
        kind: 'increment',
        subject: anchor.name === null ? { kind: 'stream' } : { kind: 'source', name: anchor.name },
        logE: logEvidence(anchor, own),
        records: own.count,
      })
    })
    return { measurements, memory: totals }
  },
  explain: (subject, batch, fitted, memory) => explain(subject, batch, fitted, memory),
  proof: [],
}
export default detector
