import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import { valueAt, type Column } from '../src/core/column.ts'
import type { Detector } from '../src/core/detector.ts'
import { featuresOf, type Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import { learnBounds, logLevel, type Bounds } from './duplicate-flood/evidence.ts'
import { sketches, type Sketcher } from './duplicate-flood/sketch.ts'
import { emptyWindow, find, gaps, mergeWindows, observe, type Window } from './duplicate-flood/window.ts'
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

interface Fitted {
  readonly sketcher: Sketcher
  readonly alike: number
  readonly bounds: Bounds
}

const mostSampled = 5000 // reference records that are looked at for what is common
const mostSuspects = 100 // all copies of a flood are to be seen
const excerpt = 80 // characters of a repeated text
const mostNames = 5

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

/** The most frequent values of rows, each with its count: `"a" 12`. */
function frequent(column: Column, rows: readonly number[]): string[] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const value = valueAt(column, row)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return sorted.slice(0, mostNames).map(([value, n]) => `${JSON.stringify(value)} ${n}`)
}

const detector: Detector<z.infer<typeof params>, Fitted, Window> = {
  about: {
    title: 'Floods of copies',
    family: 'integrity',
    catches:
      'One record sent again and again, exactly or with small changes, more often than trusted records repeat each other: floods that give a few records the weight of many, poison concentrated in few points.',
    misses:
      'Many records that are each repeated a few times, copies further apart than 4,096 records, and copies that share less than the stated part of their features. A campaign that sends one text to everybody is a flood too.',
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
    const ordered = inOrder(reference.records).map((row) => sketchOf(row))
    return { sketcher, alike, bounds: learnBounds(ordered, alike, recurrence, delta) }
  },
  codec: {
    encode: ({ sketcher, alike, bounds }) =>
      pack({
        json: { salt: sketcher.salt, alike },
        arrays: { common: Uint32Array.from(sketcher.common), centre: sketcher.centre, bounds },
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
      }
    },
  },
  memory: { empty: emptyWindow, merge: mergeWindows, codec: { encode: encodeWindow, decode: decodeWindow } },
  measure(batch, { sketcher, alike, bounds }, window) {
    const sketchOf = sketches(batch, sketcher)
    const continued = new Set<number>()
    const begun = gaps.map(() => new Set<number>())
    for (let row = 0; row < sizeOf(batch.records); row++) {
      observe(window, sketchOf(row), alike, (gap, before, template) => {
        continued.add(template)
        if (before === 1) begun[gap]?.add(template)
      })
    }
    begun.forEach((templates, gap) => {
      for (const template of templates) window.rivals[template * gaps.length + gap] = Math.min(templates.size, 65_535)
    })
    // Only chains that this batch adds to speak against it: a part of the e-detector, which is never more than all of it.
    const logE = logLevel(window, continued, bounds)
    if (!(logE > 0)) return { measurements: [], memory: window }
    const { records } = strongest(window, continued, bounds)
    return { measurements: [{ kind: 'level', subject: { kind: 'stream' }, logE, records }], memory: window }
  },
  explain(_, batch, { sketcher, alike, bounds }, window) {
    const sketchOf = sketches(batch, sketcher)
    const copies = new Map<number, number[]>()
    for (let row = 0; row < sizeOf(batch.records); row++) {
      const template = find(window, sketchOf(row), alike)
      if (template < 0) continue
      const rows = copies.get(template)
      if (rows === undefined) copies.set(template, [row])
      else rows.push(row)
    }
    const levels = new Map([...copies.keys()].map((template) => [template, logLevel(window, [template], bounds)]))
    const repeated = [...copies]
      .filter(([template]) => (levels.get(template) ?? 0) > 0)
      .toSorted(([a], [b]) => (levels.get(b) ?? 0) - (levels.get(a) ?? 0))
    const [worst] = repeated
    if (worst === undefined) {
      return { summary: 'Copies flooded earlier batches; this one continues none of them.', suspects: [], facts: {} }
    }
    const [template, rows] = worst
    const { records, since } = strongest(window, [template], bounds)
    const { content } = batch.records
    const first = rows[0] ?? 0
    const text =
      content.kind === 'text' ? (content.text[first] ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, excerpt) : null
    return {
      summary: `${rows.length} records are copies of one another${
        text === null ? '' : `, beginning ${JSON.stringify(text)}`
      }; with earlier ones ${records} among the last ${since}, and trusted records don't repeat like that.`,
      suspects: repeated.flatMap(([, each]) => each).slice(0, mostSuspects),
      facts: {
        copies: rows.length,
        copiesSoFar: records,
        withinRecords: since,
        templates: repeated.length,
        first: batch.records.id[first] ?? '',
        ...(text === null ? {} : { text }),
        sources: frequent(batch.records.source, rows),
        labels: frequent(batch.records.label, rows),
        // how probable another copy is at most, by the number of records within which it comes
        gaps: [...gaps],
        recurrenceBounds: [...bounds],
      },
    }
  },
  proof: [],
}
export default detector

/** Of the template with the strongest evidence: its copies, and how many records ago the first of them came. */
function strongest(window: Window, templates: Iterable<number>, bounds: Bounds): { records: number; since: number } {
  let best = -1
  let most = -Infinity
  for (const template of templates) {
    const level = logLevel(window, [template], bounds)
    if (level > most || best < 0) [best, most] = [template, level]
  }
  return {
    records: window.chain[best * gaps.length + gaps.length - 1] ?? 0,
    since: window.seen - (window.first[best] ?? 0),
  }
}
