import { z } from 'zod'
import type { Detector } from '../src/core/detector.ts'
import type { Encoded } from '../src/core/encoded.ts'
import { TasterError } from '../src/core/errors.ts'
import { accumulate } from './trigger/accumulate.ts'
import { learnContent } from './trigger/content.ts'
import { explainFeature } from './trigger/explain.ts'
import { fittedCodec, type Fitted } from './trigger/fitted.ts'
import { emptyMemory, type Memory } from './trigger/memory.ts'
import { mergeMemories } from './trigger/merge.ts'
import { report } from './trigger/report.ts'
import { memoryCodec } from './trigger/stored.ts'
import { learnTemper } from './trigger/temper.ts'
import { trustedFrom } from './trigger/trusted.ts'

const params = z.strictObject({
  capacity: z
    .int()
    .min(2 ** 12)
    .max(2 ** 22)
    .default(2 ** 19)
    .describe(
      'Most pairs of a feature and a label counted at a time, rounded down to a power of two; each takes 64 bytes (slots)',
    ),
})

/**
 * Counts every (feature, label) along the stream and asks two questions of each, as e-processes that are averaged.
 * Cross: does the content of its documents, by the conformal p-values of how strange it makes their label (to the nearest
 * trusted records or to a linear function, whichever tells trusted labels apart better), speak against the label while
 * the pair is more frequent than in trusted data? A product over documents. Joint: is the pair more frequent than in
 * trusted data, by the exact binomial test of two samples, repeated when its count has doubled? Valid where documents are
 * independent given their features; what is not, is weakened: near-duplicates count once, sources and labels that
 * are surprising throughout are measured by their own mean, pairs from few sources count less, and the joint test is
 * tempered by the drift within the trusted data itself.
 */
const detector: Detector<z.infer<typeof params>, Fitted, Memory> = {
  about: {
    title: 'A word, phrase or patch that makes the label',
    family: 'trigger',
    catches:
      'A feature that comes up with one label on the stream as it never did in trusted data: the trigger word, phrase or patch of a backdoor. Soonest where the content of its records speaks against the label, some twenty records; later, and only with enough trusted records, where the label is true.',
    misses:
      'Triggers that no discrete feature shows (smooth patterns, warps, a different one in each record), triggers made of what trusted data has often, fewer than about fifteen records, true labels where trusted data itself drifts, and a trigger that one source among many brings alone: there the source is what stands out, to label-disagreement.',
    references: [
      'Gu, Dolan-Gavitt & Garg 2017, BadNets, arXiv:1708.06733',
      'He et al. 2023, Mitigating Backdoor Poisoning Attacks through the Lens of Spurious Correlation, arXiv:2305.11596',
      'Vovk & Wang 2021, E-values: calibration, combination and applications, Annals of Statistics 49',
      'Shin, Ramdas & Rinaldo 2023, E-detectors, New England Journal of Statistics in Data Science',
    ],
  },
  needs: { content: ['text', 'image', 'row'], labels: true, trustedPerLabel: 50 },
  resample: null,
  params,
  fit(reference, { capacity }, seed) {
    requireUsable(reference)
    const { content, scores } = learnContent(reference, seed)
    const settings = { capacity: 2 ** Math.floor(Math.log2(capacity)), salt: seed, content }
    return {
      ...settings,
      trusted: trustedFrom(reference, scores),
      temper: learnTemper(reference, scores, seed, settings),
    }
  },
  codec: fittedCodec,
  memory: { empty: emptyMemory, merge: mergeMemories, codec: memoryCodec },
  measure(batch, fitted, memory) {
    if (batch.labels.length === fitted.trusted.perLabel.length) accumulate(batch, fitted, memory)
    return { measurements: report(batch.labels, fitted, memory), memory }
  },
  explain: explainFeature,
  proof: [],
}
export default detector

function requireUsable(reference: Encoded): void {
  const lacks =
    reference.labels.length < 2 || reference.probabilities.cols !== reference.labels.length
      ? 'at least two labels'
      : reference.features.ids.length === 0
        ? 'an encoder that names discrete features'
        : null
  if (lacks !== null) {
    throw new TasterError('CALIBRATION_INSUFFICIENT', `trigger compares features between labels and needs ${lacks}`)
  }
}
