import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import { featuresOf, type Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { learnBounds, logLevel } from './duplicate-flood/evidence.ts'
import { explained, strongest, type Fitted } from './duplicate-flood/explain.ts'
import { chainShare, copyGap, learnLabelBounds, logEOfCopies } from './duplicate-flood/label-rates.ts'
import { sketches } from './duplicate-flood/sketch.ts'
import { emptyWindow, gaps, mergeWindows, observe, type Window } from './duplicate-flood/window.ts'
import { decodeWindow, encodeWindow } from './duplicate-flood/window-codec.ts'

const params = z.strictObject({
  alike: z
    .number()
    .gt(0)
    .max(1)
    .default(0.4)
    .describe('Records that share at least this much of their features are copies (Jaccard index)'),
  common: z
    .number()
    .gt(0)
    .max(1)
    .default(0.05)
    .describe('Features that more than this share of the trusted records have are left out of the comparison (share)'),
  recurrence: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.6)
    .describe(
      'Assumed bound of the chance that what came twice comes again, where fewer than 20 trusted cases tell (probability)',
    ),
  delta: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance that the bound learnt from trusted records lies below the truth (probability)'),
})

const mostSampled = 5000 // reference records that are looked at for what is common

function commonFeatures({ features, records }: Encoded, share: number): ReadonlySet<number> {
  const step = Math.max(1, Math.ceil(sizeOf(records) / mostSampled))
  const counts = new Map<number, number>()
  let sampled = 0
  for (let row = 0; row < sizeOf(records); row += step, sampled++) {
    for (const id of featuresOf(features, row)) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const most = Math.max(3, share * sampled)
  return new Set([...counts].flatMap(([id, count]) => (count > most ? [id] : [])))
}

function centreOf({ vectors: { rows, cols, data } }: Encoded): Float64Array {
  const centre = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) centre[i % cols] = (centre[i % cols] ?? 0) + (data[i] ?? 0) / rows
  return centre
}

/** Rows in the order of their event times; those without one stay after the row before them. */
function inOrder({ at, id }: Encoded['records']): number[] {
  let latest = -Infinity
  const times = Array.from(id, (_, row) => (Number.isNaN(at[row] ?? NaN) ? latest : (latest = at[row] ?? latest)))
  return Array.from(id, (_, row) => row).toSorted((a, b) =>
    times[a] === times[b] ? a - b : (times[a] ?? 0) - (times[b] ?? 0),
  )
}

const detector: Detector<z.infer<typeof params>, Fitted, Window> = {
  about: {
    title: 'Floods of copies',
    family: 'integrity',
    catches:
      'One record sent again and again, exactly or with small changes, more often than trusted records repeat each other; and copies of whatever records among those of one label: floods that give a few records the weight of many, poison concentrated in few points.',
    misses:
      'Many records that are each repeated a few times where trusted records are too, copies further apart than 4,096 records, and copies that share less than the stated part of their features. A campaign that sends one text to everybody is a flood too.',
    references: [
      'Broder 1997, On the resemblance and containment of documents, SEQUENCES 1997',
      'Koh, Steinhardt, Liang 2018, Stronger Data Poisoning Attacks Break Data Sanitization Defenses, arXiv:1811.00741',
      'Shin, Ramdas, Rinaldo 2023, E-detectors: a nonparametric framework for sequential change detection, arXiv:2203.03532',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: false, trustedPerLabel: 0 },
  resample: null,
  params,
  fit(reference, { alike, common, recurrence, delta }, seed) {
    if (sizeOf(reference.records) === 0) {
      throw new TasterError('CALIBRATION_INSUFFICIENT', 'duplicate-flood has no trusted record to learn from')
    }
    const sketcher = { salt: seed, common: commonFeatures(reference, common), centre: centreOf(reference) }
    const sketchOf = sketches(reference, sketcher)
    const order = inOrder(reference.records)
    const ordered = order.map((row) => sketchOf(row))
    const label = order.map((row) => reference.label[row] ?? -1)
    return {
      sketcher,
      alike,
      bounds: learnBounds(ordered, alike, recurrence, delta),
      labelBounds: learnLabelBounds(ordered, label, reference.labels.length, alike, delta),
    }
  },
  codec: {
    encode: ({ sketcher, alike, bounds, labelBounds }) =>
      pack({
        json: { salt: sketcher.salt, alike },
        arrays: { common: Uint32Array.from(sketcher.common), centre: sketcher.centre, bounds, labelBounds },
      }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { salt, alike } = z.strictObject({ salt: z.number(), alike: z.number().gt(0).max(1) }).parse(unpacked.json)
      const common = new Set(arrayOf(unpacked, 'common', 'Uint32Array'))
      const centre = arrayOf(unpacked, 'centre', 'Float64Array')
      return {
        sketcher: { salt, common, centre },
        alike,
        bounds: arrayOf(unpacked, 'bounds', 'Float64Array', gaps.length),
        labelBounds: arrayOf(unpacked, 'labelBounds', 'Float64Array'),
      }
    },
  },
  memory: { empty: emptyWindow, merge: mergeWindows, codec: { encode: encodeWindow, decode: decodeWindow } },
  measure(batch, { sketcher, alike, bounds, labelBounds }, window) {
    const sketchOf = sketches(batch, sketcher)
    const continued = new Set<number>()
    const begun = gaps.map(() => new Set<number>())
    const copies = new Float64Array(labelBounds.length)
    const records = new Float64Array(labelBounds.length)
    for (let row = 0; row < sizeOf(batch.records); row++) {
      let isCopy = false
      observe(window, sketchOf(row), alike, (gap, before, template) => {
        continued.add(template)
        if (before === 1) begun[gap]?.add(template)
        isCopy ||= gap === copyGap
      })
      const label = batch.label[row] ?? -1
      if (label < 0 || label >= labelBounds.length) continue
      records[label] = (records[label] ?? 0) + 1
      if (isCopy) copies[label] = (copies[label] ?? 0) + 1
    }
    begun.forEach((templates, gap) => {
      for (const template of templates) window.rivals[template * gaps.length + gap] = Math.min(templates.size, 65_535)
    })
    // Only chains that this batch adds to speak against it: a part of the e-detector, which is never more than all of it.
    const measurements: Measurement[] = []
    const logE = logLevel(window, continued, bounds) + Math.log(chainShare)
    if (logE > 0) {
      const { records: copied } = strongest(window, continued, bounds)
      measurements.push({ kind: 'level', subject: { kind: 'stream' }, logE, records: copied })
    }
    labelBounds.forEach((bound, label) => {
      const count = records[label] ?? 0
      const of = count === 0 ? null : logEOfCopies(copies[label] ?? 0, count, bound)
      if (of === null) return
      const subject = { kind: 'label', name: batch.labels[label] ?? '' } as const
      measurements.push({ kind: 'increment', subject, logE: of, records: count })
    })
    return { measurements, memory: window }
  },
  explain: explained,
  proof: [],
}
export default detector
