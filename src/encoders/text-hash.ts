import { z } from 'zod'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Encoder } from '../core/encoder.ts'
import { expectContent } from './content/expect.ts'
import { saltOf } from './features/salt.ts'
import { projectInto, sparseProjection, type SparseProjection } from './projection/sparse.ts'
import { textFeatureName, textFeatures } from './text/features.ts'
import { countGrams, createGramCounts, type GramRange } from './text/grams.ts'

const params = z
  .strictObject({
    dims: z.int().min(1).max(4096).default(192).describe('Dimensions of a vector'),
    buckets: z
      .int()
      .min(2 ** 8)
      .max(2 ** 20)
      .refine((n) => Number.isInteger(Math.log2(n)), 'must be a power of two')
      .default(2 ** 15)
      .describe('Buckets that n-grams are hashed into; a power of two'),
    words: z.int().min(0).max(5).default(2).describe('Longest word n-gram, in words; 0: none'),
    shortest: z.int().min(1).max(8).default(3).describe('Shortest character n-gram, in UTF-16 units'),
    longest: z.int().min(0).max(8).default(5).describe('Longest character n-gram, in UTF-16 units; 0: none'),
    characters: z
      .int()
      .min(1)
      .max(2 ** 20)
      .default(10_000)
      .describe('Characters of a text that n-grams are counted in, from its start, in UTF-16 units'),
    featureTokens: z
      .int()
      .min(1)
      .max(100_000)
      .default(4096)
      .describe('Tokens of a text that features are taken from, from its start'),
  })
  .refine(({ words, longest }) => words + longest > 0, 'words and longest cannot both be 0')

type Params = z.infer<typeof params>

interface Fitted {
  readonly params: Params
  readonly salt: number
  readonly weights: Float32Array // inverse document frequency by bucket
  readonly projection: SparseProjection
}

export default {
  about: {
    title:
      'Hashed words and character n-grams under trusted TF-IDF, projected by random signs; words and phrases as features',
    references: [
      'Weinberger et al.: Feature Hashing for Large Scale Multitask Learning, ICML 2009',
      'Achlioptas: Database-friendly random projections, JCSS 66, 2003',
      'Kane, Nelson: Sparser Johnson-Lindenstrauss Transforms, JACM 61, 2014',
    ],
  },
  content: 'text',
  asset: null,
  params,

  fit(reference, given, seed) {
    const { text } = expectContent(reference.content, 'text')
    const salt = saltOf(seed)
    const documents = new Float64Array(given.buckets)
    const grams = createGramCounts(given.buckets, rangeOf(given))
    for (const one of text) {
      countGrams(one, salt, grams)
      for (let i = 0; i < grams.used; i++) {
        const bucket = grams.touched[i] ?? 0
        documents[bucket] = (documents[bucket] ?? 0) + 1
      }
    }
    const weights = Float32Array.from(documents, (n) => Math.log((1 + text.length) / (1 + n)) + 1)
    return Promise.resolve(fitted(given, salt, weights))
  },

  codec: {
    encode: ({ params: json, salt, weights }) => pack({ json, arrays: { salt: Uint32Array.of(salt), weights } }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const given = params.parse(unpacked.json)
      const salt = arrayOf(unpacked, 'salt', 'Uint32Array', 1)[0] ?? 0
      return fitted(given, salt, arrayOf(unpacked, 'weights', 'Float32Array', given.buckets))
    },
  },

  encode(content, { params: given, salt, weights, projection }) {
    const { text } = expectContent(content, 'text')
    const { dims } = given
    const data = new Float32Array(text.length * dims)
    const grams = createGramCounts(given.buckets, rangeOf(given))
    const sum = new Float64Array(dims)
    text.forEach((one, row) => {
      countGrams(one, salt, grams)
      sum.fill(0)
      let squares = 0
      for (let i = 0; i < grams.used; i++) {
        const bucket = grams.touched[i] ?? 0
        const times = grams.counts[bucket] ?? 1
        const value = (times === 1 ? 1 : 1 + Math.log(times)) * (weights[bucket] ?? 0)
        squares += value * value
        projectInto(projection, bucket, value, sum)
      }
      if (squares === 0) return
      const scale = 1 / Math.sqrt(squares)
      for (let j = 0; j < dims; j++) data[row * dims + j] = (sum[j] ?? 0) * scale
    })
    return Promise.resolve({ rows: text.length, cols: dims, data })
  },

  features: (content, { params: { featureTokens }, salt }) =>
    textFeatures(expectContent(content, 'text').text, featureTokens, salt),

  nameOf: (content, row, feature, { params: { featureTokens }, salt }) =>
    textFeatureName(expectContent(content, 'text').text[row] ?? '', featureTokens, salt, feature),
} satisfies Encoder<Params, Fitted>

// The projection follows from the salt: it is built again rather than stored.
function fitted(given: Params, salt: number, weights: Float32Array): Fitted {
  return { params: given, salt, weights, projection: sparseProjection(given.buckets, given.dims, salt) }
}

/** A token takes one character at least, so the characters bound the words. */
function rangeOf({ words, shortest, longest, characters }: Params): GramRange {
  return { words, shortest, longest, characters, tokens: characters }
}
