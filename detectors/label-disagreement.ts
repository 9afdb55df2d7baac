import { z } from 'zod'
import { sizeOf } from '../src/core/batch.ts'
import { arrayOf, pack, unpack } from '../src/core/codec.ts'
import { valueAt } from '../src/core/column.ts'
import type { Detector } from '../src/core/detector.ts'
import { suggestedLabel, type Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import { rowOf } from '../src/core/matrix.ts'
import type { Subject } from '../src/core/measurement.ts'
import { packedGaussians, unpackedGaussians } from './label-disagreement/gaussians.ts'
import { packedProbe, probable, unpackedProbe } from './label-disagreement/probe.ts'
import { chooseModel, scoreOf, type Model } from './label-disagreement/score.ts'

const params = z.strictObject({})

/** What neighbours are named by: the trusted reference records, in the order that `nearest` counts them in. */
interface Fitted extends Model {
  readonly ids: readonly string[]
  readonly label: Int32Array // index in labels, -1 where missing
}

const mostSuspects = 20

function scoresOf(batch: Encoded, model: Model): Float64Array {
  return Float64Array.from(batch.label, (given, row) => scoreOf(batch, row, given, model))
}

/** The label that content alone suggests, to what the records are scored by. */
function suggestedBy({ probe }: Model, batch: Encoded, row: number): number {
  const { vectors } = batch
  return probe === null || probe.dims !== vectors.cols
    ? suggestedLabel(batch, row)
    : probable(probe, rowOf(vectors, row))
}

function concerns(subject: Subject, { records }: Encoded, row: number): boolean {
  if (subject.kind === 'source') return valueAt(records.source, row) === subject.name
  if (subject.kind === 'label') return valueAt(records.label, row) === subject.name
  return true
}

const detector: Detector<z.infer<typeof params>, Fitted, null> = {
  about: {
    title: 'Label against content',
    family: 'label',
    catches:
      'Records whose label is not the one that trusted records with similar content have: random and targeted label flips, triggers whose records were relabelled, labels mixed up by a source.',
    misses:
      'Poison whose labels fit the content (clean-label attacks), flips between labels that the encoder cannot tell apart, and content unlike anything trusted.',
    references: [
      'Fisher 1936, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7',
      'Friedman 1989, Regularized discriminant analysis, J. American Statistical Association 84',
      'Peri et al. 2020, Deep k-NN Defense against Clean-label Data Poisoning Attacks, arXiv:1909.13374',
      'Zhu, Dong, Liu 2022, Detecting Corrupted Labels Without Training a Model to Predict, arXiv:2110.06283',
    ],
  },
  needs: { content: ['text', 'image', 'row', 'vector'], labels: true, trustedPerLabel: 20 },
  resample: null,
  params,
  fit(reference) {
    if (reference.labels.length < 2 || reference.probabilities.cols < 2) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        `label-disagreement compares labels, and the trusted records have ${reference.labels.length}: name the field that holds the label, or trust records of a second one`,
      )
    }
    if (reference.label.every((label) => label < 0)) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'label-disagreement has nothing to compare with, as no trusted record has a label: name the field that holds it',
      )
    }
    return { ids: [...reference.records.id], label: reference.label.slice(), ...chooseModel(reference) }
  },
  codec: {
    encode: ({ ids, label, gaussians, probe }) =>
      pack({ json: ids, arrays: { label, ...packedGaussians(gaussians), ...packedProbe(probe) } }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const ids = z.array(z.string()).parse(unpacked.json)
      const label = arrayOf(unpacked, 'label', 'Int32Array', ids.length)
      return { ids, label, gaussians: unpackedGaussians(unpacked), probe: unpackedProbe(unpacked) }
    },
  },
  memory: {
    empty: () => null,
    merge: () => null,
    codec: {
      encode: () => pack({ json: null, arrays: {} }),
      decode: (bytes) => z.null().parse(unpack(bytes).json),
    },
  },
  measure: (batch, fitted) => ({
    measurements: [{ kind: 'scores', scores: scoresOf(batch, fitted) }],
    memory: null,
  }),
  explain(subject, batch, fitted) {
    const scores = scoresOf(batch, fitted)
    const tested = Array.from(scores, (_, row) => row).filter(
      (row) => !Number.isNaN(scores[row]) && concerns(subject, batch, row),
    )
    const suspects = tested.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, mostSuspects)
    const [worst] = suspects
    if (worst === undefined) {
      return { summary: 'Labels disagree with content in earlier batches; this one adds none.', suspects, facts: {} }
    }

    const differing = tested.filter((row) => suggestedBy(fitted, batch, row) !== batch.label[row]).length
    const expected = suggestedBy(fitted, batch, worst)
    const probability = rowOf(batch.probabilities, worst)[expected] ?? -1
    const k = sizeOf(batch.records) === 0 ? 0 : batch.nearest.length / sizeOf(batch.records)
    const neighbours = Array.from(batch.nearest.subarray(worst * k, (worst + 1) * k)).filter((index) => index >= 0)
    const given = batch.labels[batch.label[worst] ?? -1] ?? ''
    const suggested = batch.labels[expected] ?? ''
    const who = subject.kind === 'source' ? `of source ${JSON.stringify(subject.name)}` : 'of this batch'
    const count = `${differing} of ${tested.length} record${tested.length === 1 ? '' : 's'} ${who}`
    const shared = expected === batch.label[worst]
    const near = shared
      ? 'few of its nearest trusted records share it'
      : fitted.probe === null
        ? `its nearest trusted records say ${JSON.stringify(suggested)}`
        : `its content, by what tells trusted records apart, says ${JSON.stringify(suggested)}`
    return {
      summary: `labels contradict content, here and in the batches before: ${count} carry another label than trusted records with similar content; first of all record ${JSON.stringify(batch.records.id[worst] ?? '')}, given ${JSON.stringify(given)} where ${near}.`,
      suspects,
      facts: {
        records: tested.length,
        differing,
        given,
        suggested,
        suggestedProbability: probability,
        neighbours: neighbours.map((index) => fitted.ids[index] ?? ''),
        neighbourLabels: neighbours.map((index) => batch.labels[fitted.label[index] ?? -1] ?? ''),
        suspectScores: suspects.map((row) => scores[row] ?? 0),
      },
    }
  },
  proof: [
    { dataset: 'mnist', attack: 'badnets', rate: 0.01, metric: 'auroc', atLeast: 0.99 },
    { dataset: 'mnist', attack: 'badnets', rate: 0.01, metric: 'tpr@1%', atLeast: 0.92 },
    { dataset: 'mnist', attack: 'blend', rate: 0.01, metric: 'auroc', atLeast: 0.99 },
    { dataset: 'mnist', attack: 'blend', rate: 0.01, metric: 'tpr@1%', atLeast: 0.92 },
    { dataset: 'mnist', attack: 'random-flip', rate: 0.01, metric: 'auroc', atLeast: 0.99 },
    { dataset: 'mnist', attack: 'random-flip', rate: 0.01, metric: 'tpr@1%', atLeast: 0.92 },
  ],
}
export default detector
