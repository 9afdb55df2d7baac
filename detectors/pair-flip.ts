import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import type { Detector } from '../src/core/detector.ts'
import { suggestedLabel, type Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import type { Measurement, Subject } from '../src/core/measurement.ts'
import { logEvidence, ratesOf } from './pair-flip/rates.ts'
import {
  add,
  bounded,
  count,
  margins,
  packed,
  unpackedTallies,
  type Memory,
  type Tallies,
  type Tally,
} from './pair-flip/tallies.ts'
import { hashOf, learn, sourceOf, type Fitted } from './pair-flip/trusted.ts'

const params = z.strictObject({
  delta: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance that the bound of a trusted confusion rate lies below the true rate (probability)'),
})

const mostSuspects = 20

/** Records of a batch by source, as hashes, and the names of these. */
function tally(batch: Encoded, { labels, salt }: Fitted) {
  const counted: Tallies = new Map()
  const names = new Map<number, string>()
  const hashes = new Map<number, number>() // source code → hash
  for (let row = 0; row < sizeOf(batch.records); row++) {
    const given = batch.label[row] ?? -1
    const says = suggestedLabel(batch, row)
    if (given < 0 || says < 0) continue
    const code = batch.records.source.codes[row] ?? -1
    let hash = hashes.get(code)
    if (hash === undefined) {
      const name = sourceOf(batch, row)
      hashes.set(code, (hash = hashOf(name, salt)))
      names.set(hash, name)
    }
    count(counted, hash, says * labels + given)
  }
  return { counted, names }
}

const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'One source flips one label into another',
    family: 'label',
    catches:
      'A source whose records of one label are given one certain other label more often than content of that label is mistaken for the other among trusted records.',
    misses:
      'Flips spread thinly over many sources, and flips between labels that the encoder mistakes for each other anyway. Where trusted sources differ in how often they look like another label, only sources with trusted records of their own are tested. Where they do not, a source that suddenly sends another mix of labels may be taken for one that flips.',
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
    if (fitted.sources.size === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'pair-flip has nothing to learn from, as no trusted record has a label: name the field that holds it',
      )
    }
    return fitted
  },
  codec: {
    encode: ({ labels, salt, delta, bySays, byGiven, sources }) =>
      pack({
        json: { labels, salt, delta },
        arrays: {
          saysBound: bySays.bound,
          saysCorrelation: bySays.correlation,
          givenBound: byGiven.bound,
          givenCorrelation: byGiven.correlation,
          ...packed(sources),
        },
      }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const header = z
        .strictObject({ labels: z.int().min(2), salt: z.number(), delta: z.number().gt(0).lt(1) })
        .parse(unpacked.json)
      const { labels } = header
      return {
        ...header,
        bySays: {
          bound: arrayOf(unpacked, 'saysBound', 'Float64Array', labels * labels),
          correlation: arrayOf(unpacked, 'saysCorrelation', 'Float64Array', labels),
        },
        byGiven: {
          bound: arrayOf(unpacked, 'givenBound', 'Float64Array', labels * labels),
          correlation: arrayOf(unpacked, 'givenCorrelation', 'Float64Array', labels),
        },
        sources: unpackedTallies(unpacked),
      }
    },
  },
  memory: {
    empty: () => ({ tallies: new Map(), shed: false }),
    merge(a, b) {
      const tallies: Tallies = new Map()
      add(tallies, a.tallies)
      add(tallies, b.tallies)
      return bounded({ tallies, shed: a.shed || b.shed })
    },
    codec: {
      encode: ({ tallies, shed }) => pack({ json: shed, arrays: packed(tallies) }),
      decode(bytes) {
        const unpacked = unpack(bytes)
        return { shed: z.boolean().parse(unpacked.json), tallies: unpackedTallies(unpacked) }
      },
    },
  },
  measure(batch, fitted, memory) {
    const { labels } = fitted
    if (batch.probabilities.cols !== labels) return { measurements: [], memory }
    const { counted, names } = tally(batch, fitted)
    const measurements: Measurement[] = []
    for (const [source, own] of counted) {
      // Until its first hit a pair's evidence can only fall, and the engine's never falls below where it started: to
      // leave such pairs out changes nothing. Once hits may have been forgotten, every pair is reported.
      const pairs = memory.shed
        ? touched(own, labels)
        : new Set([...own.keys(), ...(memory.tallies.get(source)?.keys() ?? [])])
      for (const pair of pairs) {
        const [says, given] = [Math.floor(pair / labels), pair % labels]
        if (says === given) continue
        const seen = margins(own, labels, says, given)
        if (seen.says + seen.given === 0) continue
        const logE = logEvidence(ratesOf(fitted, source, says, given), seen.k, seen.says, seen.given)
        if (logE === null) continue
        const subject = pairOf(batch, names.get(source) ?? '', says, given)
        measurements.push({ kind: 'increment', subject, logE, records: seen.says + seen.given - seen.k })
      }
    }
    add(memory.tallies, counted)
    return { measurements, memory: bounded(memory) }
  },
  explain(subject, batch, fitted, memory) {
    const says = subject.kind === 'pair' ? batch.labels.indexOf(subject.from) : -1
    const given = subject.kind === 'pair' ? batch.labels.indexOf(subject.to) : -1
    if (subject.kind !== 'pair' || says < 0 || given < 0)
      return { summary: 'No such pair of labels.', suspects: [], facts: {} }
    const hash = hashOf(subject.source, fitted.salt)
    const tally = memory.tallies.get(hash)
    const seen = margins(tally, fitted.labels, says, given)
    const rates = ratesOf(fitted, hash, says, given)
    const { cols, data } = batch.probabilities
    const support = (row: number) => data[row * cols + says] ?? 0
    const suspects = Array.from(batch.label, (_, row) => row)
      .filter(
        (row) =>
          batch.label[row] === given && suggestedLabel(batch, row) === says && sourceOf(batch, row) === subject.source,
      )
      .toSorted((a, b) => support(b) - support(a))
      .slice(0, mostSuspects)
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    const whose = subject.source === '' ? 'without a source' : `of source ${JSON.stringify(subject.source)}`
    const expected = rates.bySays === null ? '' : ` (${percent(rates.bySays)} are expected at most)`
    const shown = batch.labels.slice(0, mostSuspects)
    return {
      summary: `of ${seen.says} records ${whose} that look like ${JSON.stringify(subject.from)}, ${seen.k} were labelled ${JSON.stringify(subject.to)}${expected}.`,
      suspects,
      facts: {
        source: subject.source,
        from: subject.from,
        to: subject.to,
        flipped: seen.k,
        looksLikeFrom: seen.says,
        givenTo: seen.given,
        ...(rates.bySays === null ? {} : { expectedOfLooksLike: rates.bySays }),
        ...(rates.byGiven === null ? {} : { expectedOfGiven: rates.byGiven }),
        // how this source labels what looks like `from`: its row of the transition matrix
        labels: shown,
        labelled: shown.map((_, label) => tally?.get(says * fitted.labels + label) ?? 0),
        suspectSupport: suspects.map(support),
      },
    }
  },
  proof: [],
}
export default detector

function pairOf(batch: Encoded, source: string, says: number, given: number): Subject {
  return { kind: 'pair', source, from: batch.labels[says] ?? '', to: batch.labels[given] ?? '' }
}

/** All pairs that some record of a tally counts for or against. */
function touched(tally: Tally, labels: number): ReadonlySet<number> {
  const pairs = new Set<number>()
  for (const pair of tally.keys()) {
    for (let label = 0; label < labels; label++) {
      pairs.add(pair - (pair % labels) + label)
      pairs.add(label * labels + (pair % labels))
    }
  }
  return pairs
}
