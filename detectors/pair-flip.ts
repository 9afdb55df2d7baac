import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import type { Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement } from '../src/core/measurement.ts'
import { cleanRate, cleanSource, logLikelihoodRatios } from './pair-flip/clean.ts'
import { add, bounded, count, merged, packed, unpackedTallies, type Memory, type Tallies } from './pair-flip/tallies.ts'
import { cellOf, learn, sourceOf, suggested, type Fitted } from './pair-flip/trusted.ts'

const params = z.strictObject({
  delta: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance that the bound of a trusted confusion rate lies below the true rate (probability)'),
})

const mostSuspects = 20

/** Records of a batch by source and suggested label. */
function tally(batch: Encoded, fitted: Fitted) {
  const counted: Tallies = new Map()
  const meant = new Map<number, { source: string; from: number }>()
  const cells = new Map<number, number>() // (source code, suggested label) → cell
  for (let row = 0; row < sizeOf(batch.records); row++) {
    const given = batch.label[row] ?? -1
    const from = suggested(batch, row)
    if (given < 0 || from < 0) continue
    const local = (batch.records.source.codes[row] ?? -1) * fitted.labels + from
    let cell = cells.get(local)
    if (cell === undefined) {
      const source = sourceOf(batch, row)
      cells.set(local, (cell = cellOf(source, from, fitted)))
      meant.set(cell, { source, from })
    }
    count(counted, cell, from, given)
  }
  return { counted, meant }
}

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'One source flips one label into another',
    family: 'label',
    catches:
      'A source whose records of one label are given one certain other label more often than content of that label is mistaken for the other among trusted records.',
    misses:
      'Flips spread thinly over many sources, and flips between labels that the encoder mistakes for each other anyway. Where trusted sources differ much in how they look, a source that nobody knows is believed for long.',
    references: [
      'Clopper & Pearson 1934, The use of confidence or fiducial limits, Biometrika 26',
      'Tarone 1979, Testing the goodness of fit of the binomial distribution, Biometrika 66',
      'Wald 1945, Sequential tests of statistical hypotheses, Annals of Mathematical Statistics 16',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: 20 },
  resample: null,
  params,
  fit(reference, { delta }, seed) {
    if (reference.labels.length < 2 || reference.probabilities.cols !== reference.labels.length) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `pair-flip compares two labels, and the trusted records have ${reference.labels.length}: name the field that holds the label, or trust records of a second one`,
      )
    }
    const fitted = learn(reference, delta, seed)
    if (fitted.bound.every((bound) => bound >= 1)) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'pair-flip has no record to learn from: no trusted record has a label that content could be mistaken for. Trust more records',
      )
    }
    return fitted
  },
  codec: {
    encode: ({ labels, salt, bound, correlation, sources }) =>
      pack({ json: { labels, salt }, arrays: { bound, correlation, ...packed(sources) } }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { labels, salt } = z.strictObject({ labels: z.int().min(2), salt: z.number() }).parse(unpacked.json)
      return {
        labels,
        salt,
        bound: arrayOf(unpacked, 'bound', 'Float64Array', labels * labels),
        correlation: arrayOf(unpacked, 'correlation', 'Float64Array', labels),
        sources: unpackedTallies(unpacked),
      }
    },
  },
  memory: {
    empty: () => ({ tallies: new Map(), shed: false }),
    merge: (a, b) => bounded({ tallies: merged(a.tallies, b.tallies), shed: a.shed || b.shed }),
    codec: {
      encode: ({ tallies, shed }) => pack({ json: shed, arrays: packed(tallies) }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        return { shed: z.boolean().parse(unpacked.json), tallies: unpackedTallies(unpacked) }
      },
    },
  },
  measure(batch, fitted, memory) {
    if (batch.probabilities.cols !== fitted.labels) return { measurements: [], memory }
    const { counted, meant } = tally(batch, fitted)
    const measurements: Measurement[] = []
    for (const [cell, { n, given }] of counted) {
      const { source, from } = meant.get(cell) ?? { source: '', from: 0 }
      const before = memory.tallies.get(cell)
      // Until its first flip a pair's evidence can only fall, and the engine's never falls below where it started: to
      // leave such pairs out changes nothing. Once flips may have been forgotten, every pair is reported.
      const pairs = memory.shed ? batch.labels.keys() : new Set([...given.keys(), ...(before?.given.keys() ?? [])])
      for (const to of pairs) {
        if (to === from) continue
        const clean = cleanSource(fitted, cell, from, to, before)
        if (clean.bound >= 1) continue
        measurements.push({
          kind: 'increment',
          subject: { kind: 'pair', source, from: batch.labels[from] ?? '', to: batch.labels[to] ?? '' },
          logE: logLikelihoodRatios(clean, given.get(to) ?? 0, n),
          records: n,
        })
      }
    }
    add(memory.tallies, counted)
    return { measurements, memory: bounded(memory) }
  },
  explain(subject, batch, fitted, memory) {
    const from = subject.kind === 'pair' ? batch.labels.indexOf(subject.from) : -1
    const to = subject.kind === 'pair' ? batch.labels.indexOf(subject.to) : -1
    if (subject.kind !== 'pair' || from < 0 || to < 0)
      return { summary: 'No such pair of labels.', suspects: [], facts: {} }
    const cell = cellOf(subject.source, from, fitted)
    const sofar = memory.tallies.get(cell)
    const n = sofar?.n ?? 0
    const k = sofar?.given.get(to) ?? 0
    const cols = batch.probabilities.cols
    const support = (row: number) => batch.probabilities.data[row * cols + from] ?? 0
    const suspects = Array.from(batch.label, (_, row) => row)
      .filter(
        (row) => batch.label[row] === to && suggested(batch, row) === from && sourceOf(batch, row) === subject.source,
      )
      .toSorted((a, b) => support(b) - support(a))
      .slice(0, mostSuspects)
    const expected = cleanRate(cleanSource(fitted, cell, from, to, undefined))
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    const whose = subject.source === '' ? 'records without a source' : `source ${JSON.stringify(subject.source)}`
    return {
      summary: `Of ${n} records of ${whose} that look like ${JSON.stringify(subject.from)}, ${k} were labelled ${JSON.stringify(subject.to)} (${percent(n === 0 ? 0 : k / n)}); among trusted records at most ${percent(expected)} are.`,
      suspects,
      facts: {
        source: subject.source,
        from: subject.from,
        to: subject.to,
        records: n,
        flipped: k,
        rate: n === 0 ? 0 : k / n,
        expectedRate: expected,
        // how this source labels what looks like `from`: its row of the transition matrix
        labels: batch.labels.slice(0, mostSuspects),
        labelled: batch.labels.slice(0, mostSuspects).map((_, label) => {
          const others = [...(sofar?.given.values() ?? [])].reduce((sum, each) => sum + each, 0)
          return label === from ? n - others : (sofar?.given.get(label) ?? 0)
        }),
        suspectSupport: suspects.map(support),
      },
    }
  },
  proof: [],
}
export default detector
