import { z } from 'zod'
import { arrayOf, pack, unpack } from '../core/codec.ts'
import type { Encoder } from '../core/encoder.ts'
import { TasterError } from '../core/errors.ts'
import type { Matrix } from '../core/matrix.ts'
import { principalComponents, projectOnto, type PrincipalComponents } from '../tensor/principal-components.ts'
import { expectContent } from './content/expect.ts'

const params = z.strictObject({
  dims: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .describe(
      'Most dimensions of a vector; longer ones are brought to as many by principal components of the reference',
    ),
})

type Params = z.infer<typeof params>

interface Fitted {
  readonly params: Params
  readonly length: number // dimensions of the vectors that come in
  readonly bound: number // no coordinate further from 0 than this is let through
  readonly reduction: PrincipalComponents | null
}

// A coordinate a million times larger than any trusted one is outlandish enough; larger ones would overflow float32.
const headroom = 1e6

export default {
  about: {
    title: 'Embeddings computed upstream, as they are or by principal components; no features',
    references: ['Halko, Martinsson, Tropp: Finding structure with randomness, SIAM Review 53, 2011'],
  },
  content: 'vector',
  asset: null,
  params,

  async fit(reference, given, seed) {
    const { vectors } = expectContent(reference.content, 'vector')
    if (vectors.rows === 0 || vectors.cols === 0) {
      throw new TasterError(
        'CALIBRATION_INSUFFICIENT',
        'the reference holds no vectors to fit on. Give trusted records',
      )
    }
    let largest = 0
    for (const value of vectors.data) largest = Math.max(largest, Math.abs(value))
    const bound = Math.min(1e15, largest === 0 ? 1 : largest * headroom)
    const reduction =
      vectors.cols <= given.dims ? null : await principalComponents(clipped(vectors, bound), given.dims, seed)
    return { params: given, length: vectors.cols, bound, reduction }
  },

  codec: {
    encode: ({ params: given, length, bound, reduction }) =>
      pack({
        json: { params: given, length },
        arrays: {
          bound: Float64Array.of(bound),
          ...(reduction === null ? {} : { mean: reduction.mean, components: reduction.components.data }),
        },
      }),
    decode(bytes) {
      const unpacked = unpack(bytes)
      const { params: given, length } = z.strictObject({ params, length: z.int().min(1) }).parse(unpacked.json)
      const bound = arrayOf(unpacked, 'bound', 'Float64Array', 1)[0] ?? 0
      if (!unpacked.arrays.has('mean')) return { params: given, length, bound, reduction: null }
      const data = arrayOf(unpacked, 'components', 'Float32Array')
      const components = { rows: length, cols: data.length / length, data }
      return {
        params: given,
        length,
        bound,
        reduction: { mean: arrayOf(unpacked, 'mean', 'Float64Array', length), components },
      }
    },
  },

  async encode(content, { length, bound, reduction }) {
    const { vectors } = expectContent(content, 'vector')
    if (vectors.cols !== length && vectors.rows > 0) {
      throw new TasterError(
        'VALUE_WRONG_SHAPE',
        `vectors have ${vectors.cols} dimensions where the baseline was fitted on ${length}. Send vectors of the same embedding model`,
      )
    }
    if (vectors.rows === 0) return { rows: 0, cols: reduction?.components.cols ?? length, data: new Float32Array(0) }
    const safe = clipped(vectors, bound)
    return reduction === null ? safe : projectOnto(safe, reduction)
  },

  features: (content) => ({
    offsets: new Int32Array(expectContent(content, 'vector').vectors.rows + 1),
    ids: new Uint32Array(0),
  }),

  nameOf: () => undefined,
} satisfies Encoder<Params, Fitted>

function clipped({ rows, cols, data }: Matrix, bound: number): Matrix {
  const out = data.slice()
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0
    if (value >= -bound && value <= bound) continue
    if (!Number.isFinite(value)) {
      throw new TasterError(
        'VALUE_NOT_FINITE',
        `vector ${Math.floor(i / cols)} holds ${value} at dimension ${i % cols}. Send finite numbers`,
      )
    }
    out[i] = value > 0 ? bound : -bound
  }
  return { rows, cols, data: out }
}
