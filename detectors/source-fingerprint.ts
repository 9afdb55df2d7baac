import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import type { Detector } from '../src/core/detector.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { explained } from './source-fingerprint/explain.ts'
import { fittedCodec } from './source-fingerprint/fitted-codec.ts'
import { codec, empty, merge, take, type Memory } from './source-fingerprint/memory.ts'
import { blockSize, logRatio, rivalsOf } from './source-fingerprint/profile.ts'
import { fewestOfSource, learn, type Fitted } from './source-fingerprint/trusted.ts'
import { whitened } from './source-fingerprint/whitening.ts'

const params = z.strictObject({
  shrinkage: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('How far the covariance within sources is drawn towards a sphere (share)'),
})

// No block of records counts for more than this, so that several of a source must agree.
const mostLogE = Math.log(40)

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'A source that is not itself',
    family: 'integrity',
    catches:
      'Records under the name of a source that look less like its trusted records than like those of somebody else, in content and length: an account taken over, a name borrowed; names the source that they look most like.',
    misses:
      'Sources with fewer than 60 trusted reference records, sources that send what others send too, an impostor who sends less than half of what comes under the name or copies its style. When and how often a source sends is not compared, and its labels are not either: label-prior does that.',
    references: [
      'Fisher 1936, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7',
      'Hotelling 1931, The generalization of Student’s ratio, Annals of Mathematical Statistics 2',
      'Wald 1945, Sequential tests of statistical hypotheses, Annals of Mathematical Statistics 16',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: false, trustedPerLabel: 0 },
  resample: null,
  params,
  fit(reference, { shrinkage }) {
    if (sizeOf(reference.records) === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'source-fingerprint learns what sources send, and there are no reference records: trust more records',
      )
    }
    return learn(reference, shrinkage)
  },
  codec: fittedCodec,
  memory: { empty: () => empty, merge, codec },
  measure(batch, fitted, before) {
    const { dims, looks, factors, profiles, few, power } = fitted
    if (batch.label.length === 0 || batch.vectors.cols !== dims) return { measurements: [], memory: before }
    const { memory, touched } = take(batch, fitted, before)
    const { cols } = memory
    const measurements: Measurement[] = []
    for (const place of touched) {
      const profile = profiles[place]
      if (profile === undefined || profile.name === null) continue
      const subject = { kind: 'source', name: profile.name } as const
      const count = memory.waiting[place] ?? 0
      if (count < blockSize) {
        measurements.push({ kind: 'insufficient', subject, records: count, needed: blockSize })
        continue
      }
      const sum = memory.sums.subarray(place * cols, (place + 1) * cols)
      const mean = whitened(
        sum.map((total) => total / count),
        looks,
        factors,
      )
      const rivals = rivalsOf(profile, profiles)
      if (rivals.length > 0) {
        const logE = Math.min(mostLogE, power * logRatio(mean, count, profile, rivals))
        measurements.push({ kind: 'increment', subject, logE: Float64Array.of(logE), records: count })
      }
      memory.waiting[place] = 0
      sum.fill(0)
    }
    const untested = new Map(few.map(({ name, records }) => [name, records]))
    for (const code of new Set(batch.records.source.codes)) {
      const name = batch.records.source.values[code]
      const records = untested.get(name ?? '')
      if (name === undefined || records === undefined) continue
      const subject = { kind: 'source', name } as const
      measurements.push({ kind: 'insufficient', subject, records, needed: fewestOfSource })
    }
    return { measurements, memory }
  },
  explain: explained,
  proof: [],
}
export default detector
