import { z } from 'zod'
import type { Encoder } from '../core/encoder.ts'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Matrix } from '../core/matrix.ts'
import { expectContent } from './content/expect.ts'
import { saltOf } from './features/salt.ts'
import { tokensOf } from './text/batch-tokens.ts'
import { textFeatureName, textFeatures } from './text/features.ts'
import { meanVectors } from './text/mean-vectors.ts'
import { vocabularyOf } from './text/vocabulary.ts'

const asset = 'glove100-40k'

const params = z.strictObject({
  tokens: z
    .int()
    .min(1)
    .max(100_000)
    .default(400)
    .describe('Tokens of a text whose vectors are averaged, from its start'),
  featureTokens: z
    .int()
    .min(1)
    .max(100_000)
    .default(4096)
    .describe('Tokens of a text that features are taken from, from its start'),
  smoothing: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'The a of the word weight a/(a + frequency), as a share of all words; 0 weighs all words alike. ' +
        '0.001 together with standardize suits short sentences, 0 suits long texts',
    ),
  standardize: z
    .boolean()
    .default(false)
    .describe('Whether each dimension is centred and scaled by its mean and standard deviation over the reference'),
})

type Params = z.infer<typeof params>

interface Fitted {
  readonly params: Params
  readonly salt: number
  readonly mean: Float64Array // dims; empty where nothing is standardized
  readonly deviation: Float64Array
}

export default {
  about: {
    title: 'Mean of GloVe word vectors; words and phrases as features',
    references: [
      'Pennington, Socher, Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014',
      'Arora, Liang, Ma: A Simple but Tough-to-Beat Baseline for Sentence Embeddings, ICLR 2017 (word weight)',
    ],
  },
  content: 'text',
  asset,
  params,

  fit(reference, given, seed, assets) {
    const { text } = expectContent(reference.content, 'text')
    const none = { mean: new Float64Array(0), deviation: new Float64Array(0) }
    const learnt =
      given.standardize && text.length > 0
        ? moments(meanVectors(tokensOf(text, given.tokens), given, vocabularyOf(assets, asset)))
        : none
    return Promise.resolve({ params: given, salt: saltOf(seed), ...learnt })
  },

  codec: {
    encode: ({ params: json, salt, mean, deviation }) =>
      pack({ json, arrays: { salt: Uint32Array.of(salt), mean, deviation } }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const mean = arrayOf(unpacked, 'mean', 'Float64Array')
      return {
        params: params.parse(unpacked.json),
        salt: arrayOf(unpacked, 'salt', 'Uint32Array', 1)[0] ?? 0,
        mean,
        deviation: arrayOf(unpacked, 'deviation', 'Float64Array', mean.length),
      }
    },
  },

  encode(content, { params: given, mean, deviation }, assets) {
    const tokens = tokensOf(expectContent(content, 'text').text, Math.max(given.tokens, given.featureTokens))
    const vectors = meanVectors(tokens, given, vocabularyOf(assets, asset))
    if (mean.length > 0) standardize(vectors, mean, deviation)
    return Promise.resolve(vectors)
  },

  features: (content, fitted) =>
    textFeatures(expectContent(content, 'text').text, fitted.params.featureTokens, fitted.salt),

  nameOf: (content, row, feature, fitted) =>
    textFeatureName(expectContent(content, 'text').text[row] ?? '', fitted.params.featureTokens, fitted.salt, feature),
} satisfies Encoder<Params, Fitted>

function moments({ rows, cols, data }: Matrix): { mean: Float64Array; deviation: Float64Array } {
  const mean = new Float64Array(cols)
  const deviation = new Float64Array(cols)
  for (let i = 0; i < data.length; i++) mean[i % cols] = (mean[i % cols] ?? 0) + (data[i] ?? 0) / rows
  for (let i = 0; i < data.length; i++) {
    deviation[i % cols] = (deviation[i % cols] ?? 0) + ((data[i] ?? 0) - (mean[i % cols] ?? 0)) ** 2 / rows
  }
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance)) }
}

// A zero vector says that no word was known; it stays one. A dimension that never varies says nothing: it becomes 0.
function standardize({ cols, data }: Matrix, mean: Float64Array, deviation: Float64Array): void {
  for (let at = 0; at < data.length; at += cols) {
    if (data.subarray(at, at + cols).every((value) => value === 0)) continue
    for (let j = 0; j < cols; j++) {
      const scale = deviation[j] ?? 0
      data[at + j] = scale > 1e-12 ? ((data[at + j] ?? 0) - (mean[j] ?? 0)) / scale : 0
    }
  }
}
