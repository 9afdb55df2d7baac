import { z } from 'zod'
import { arrayOf, pack, unpack } from '../../src/core/codec.ts'
import type { Codec } from '../../src/core/detector.ts'
import type { Protected } from './collisions.ts'

export interface Fitted {
  readonly protected: Protected
  readonly cosine: number
  readonly bound: number // of the rate of honest collisions
}

const header = z
  .strictObject({
    ids: z.array(z.string()),
    labels: z.array(z.string()),
    cols: z.int().min(0),
    cosine: z.number().gt(0).lt(1),
    bound: z.number().gt(0).lt(1),
  })
  .refine(({ ids, labels }) => ids.length === labels.length)

export const fittedCodec: Codec<Fitted> = {
  encode: ({ protected: { ids, labels, vectors }, cosine, bound }) =>
    pack({
      json: { ids: [...ids], labels: [...labels], cols: vectors.cols, cosine, bound },
      arrays: { vectors: vectors.data },
    }),
  decode(bytes) {
    const unpacked = unpack(bytes)
    const { ids, labels, cols, cosine, bound } = header.parse(unpacked.json)
    const data = arrayOf(unpacked, 'vectors', 'Float64Array', ids.length * cols)
    return { protected: { ids, labels, vectors: { rows: ids.length, cols, data } }, cosine, bound }
  },
}
