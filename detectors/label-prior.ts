import { z } from 'zod'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import { valueAt } from '../src/core/column.ts'
import type { Detector } from '../src/core/detector.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { logEOfLogP } from '../src/stats/log-e-of-log-p.ts'
import { explained } from './label-prior/explain.ts'
import { codec, empty, merge, recent, take, type Memory } from './label-prior/memory.ts'
import { beyondContent, logPOfExcess } from './label-prior/content.ts'
import {
  atMostAStretch,
  learn,
  logPOfShares,
  logPOfSource,
  sourceBlock,
  streamBlock,
  type Fitted,
} from './label-prior/trusted.ts'

const params = z.strictObject({})

// Tails of labels and sources are trusted no further out than this, so that several blocks must agree.
const leastLogP = Math.log(1e-3)

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'Surge of a label',
    family: 'label',
    catches:
      'A label given more often, or less often, than among trusted records, in the whole stream or by one source; says whether content moved along (a population shift) or the labels alone did (a label attack).',
    misses:
      'Changes smaller than what the shares of labels do by themselves in the trusted data, so that nothing is seen over the whole stream where those swing widely. Sources with fewer than 60 trusted reference records are not tested by themselves. A population shift that an attacker brings about looks like an honest one.',
    references: [
      'Lipton, Wang, Smola 2018, Detecting and Correcting for Label Shift with Black Box Predictors, arXiv:1802.03916',
      'Sokal & Rohlf 1981, Biometry, chapter 17 (the G-test)',
      'Vovk & Wang 2021, E-values: calibration, combination and applications, Annals of Statistics 49',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: 5 },
  resample: null,
  params,
  fit(reference) {
    if (reference.labels.length < 2 || reference.probabilities.cols !== reference.labels.length) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `label-prior compares how often labels are given, and the trusted records have ${reference.labels.length}: name the field that holds the label, or trust records of a second one`,
      )
    }
    const fitted = learn(reference)
    if (fitted.counts.every((count) => count === 0)) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'label-prior has nothing to learn from, as no trusted record has a label: name the field that holds it',
      )
    }
    return fitted
  },
  codec: {
    encode: ({ labels, counts, shift, streamPower, labelPower, sources, sourceCounts, sourcePower }) =>
      pack({
        json: { labels, streamPower, labelPower, sourcePower, sources: [...sources], shift: shift !== null },
        arrays: { counts, sourceCounts, ...shift },
      }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const power = z.number().min(0).max(1)
      const { shift, ...header } = z
        .strictObject({
          labels: z.int().min(2),
          streamPower: power,
          labelPower: power,
          sourcePower: power,
          sources: z.array(z.string()),
          shift: z.boolean(),
        })
        .parse(unpacked.json)
      const square = (name: string) => arrayOf(unpacked, name, 'Float64Array', header.labels ** 2)
      return {
        ...header,
        counts: arrayOf(unpacked, 'counts', 'Float64Array', header.labels),
        sourceCounts: arrayOf(unpacked, 'sourceCounts', 'Float64Array', header.sources.length * header.labels),
        shift: shift ? { worth: square('worth'), variance: square('variance') } : null,
      }
    },
  },
  memory: { empty: () => empty, merge, codec },
  measure(batch, fitted, before) {
    const { labels, shift, streamPower, labelPower, sourcePower, sources } = fitted
    if (batch.label.length === 0 || batch.probabilities.cols !== labels) return { measurements: [], memory: before }
    const { memory, touched } = take(batch, fitted, before)
    const measurements: Measurement[] = []
    const evidence = (logP: number) => Float64Array.of(logEOfLogP(Math.max(logP, leastLogP)))
    for (const place of touched) {
      const given = memory.waiting.subarray(place * labels, (place + 1) * labels)
      const says = memory.waitingSays.subarray(place * labels, (place + 1) * labels)
      const count = given.reduce((sum, n) => sum + n, 0)
      const subject =
        place === 0 ? ({ kind: 'stream' } as const) : ({ kind: 'source', name: sources[place - 1] ?? '' } as const)
      const needed = place === 0 ? streamBlock : sourceBlock
      if (place > 0 && (sourcePower === 0 || shift === null)) continue
      if (count < needed) {
        measurements.push({ kind: 'insufficient', subject, records: count, needed })
        continue
      }
      const shares = atMostAStretch(fitted, { given, says })
      if (place === 0) {
        const logE = evidence(streamPower * logPOfShares(fitted.counts, shares.given))
        measurements.push({ kind: 'increment', subject, logE, records: count })
        if (shift !== null && labelPower > 0) {
          beyondContent(shift, shares).forEach((z, label) => {
            const named = { kind: 'label', name: batch.labels[label] ?? '' } as const
            const logE = evidence(labelPower * logPOfExcess(z))
            measurements.push({ kind: 'increment', subject: named, logE, records: count })
          })
        }
      } else if (shift !== null) {
        const own = fitted.sourceCounts.subarray((place - 1) * labels, place * labels)
        const logE = evidence(sourcePower * logPOfSource(shift, own, shares))
        measurements.push({ kind: 'increment', subject, logE, records: count })
      }
      given.fill(0)
      says.fill(0)
    }
    return { measurements, memory }
  },
  explain(subject, batch, fitted, memory) {
    const { labels, sources, shift } = fitted
    const place = subject.kind === 'source' ? 1 + sources.indexOf(subject.name) : 0
    const label = subject.kind === 'label' ? batch.labels.indexOf(subject.name) : -1
    const known =
      subject.kind === 'stream' || (subject.kind === 'source' && place > 0) || (subject.kind === 'label' && label >= 0)
    if (!known || memory.labels !== labels || batch.labels.length !== labels) {
      return { summary: 'No labels of this subject are counted.', suspects: [], facts: {} }
    }
    const seen = recent(memory, place)
    if (seen.given.every((n) => n === 0)) {
      return { summary: 'No labels of this subject have come so far.', suspects: [], facts: {} }
    }
    return explained(batch, shift, {
      whose: subject.kind === 'source' ? `of source ${JSON.stringify(subject.name)} ` : '',
      label,
      rows: Array.from(batch.label.keys()).filter(
        (row) => subject.kind !== 'source' || valueAt(batch.records.source, row) === subject.name,
      ),
      trusted: place > 0 ? fitted.sourceCounts.slice((place - 1) * labels, place * labels) : fitted.counts,
      seen,
    })
  },
  proof: [],
}
export default detector
