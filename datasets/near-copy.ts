import { z } from 'zod'
import type { Records } from '../src/core/batch.ts'
import { normal } from '../src/stats/random.ts'
import { repainted, rewritten, unsuitable } from './edit.ts'

export interface Variation {
  readonly words: number // of a text that are replaced by words of other texts
  readonly noise: number // standard deviation of what is added: images in units of the full scale, vectors of the vector's length
}

/** Parameters of every attack that inserts near-copies. */
export const variation = {
  words: z.int().min(0).default(2).describe('Words of a text that differ from copy to copy; 0: exact copies'),
  noise: z
    .number()
    .min(0)
    .default(0.02)
    .describe('Noise of image and vector copies, share of the full scale or length; 0: exact copies'),
}

/** The records with small random changes in the rows named, so that copies of a record differ; without any, they are exact. */
export function varied(
  records: Records,
  rows: Int32Array,
  { words, noise }: Variation,
  uniform: () => number,
): Records {
  const { content } = records
  switch (content.kind) {
    case 'text': {
      const pick = (from: readonly string[]) => from[Math.floor(uniform() * from.length)] ?? ''
      return rewritten(records, rows, (text) => {
        const parts = text.split(/(\s+)/) // words at even places, what separates them at odd ones
        for (let i = 0; i < words; i++) {
          const place = 2 * Math.floor((uniform() * parts.length) / 2)
          parts[place] = pick(pick(content.text).split(/\s+/)) || 'and'
        }
        return parts.join('')
      })
    }
    case 'image':
      return repainted(records, rows, (image) => {
        for (let i = 0; i < image.length; i++)
          image[i] = Math.max(0, Math.min(255, Math.round((image[i] ?? 0) + 255 * noise * normal(uniform))))
      })
    case 'vector': {
      const { cols } = content.vectors
      const data = content.vectors.data.slice()
      for (const row of rows) {
        const vector = data.subarray(row * cols, (row + 1) * cols)
        const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0) / cols)
        for (let i = 0; i < cols; i++) vector[i] = (vector[i] ?? 0) + noise * length * normal(uniform)
      }
      return { ...records, content: { kind: 'vector', vectors: { ...content.vectors, data } } }
    }
    case 'row':
      throw unsuitable('text, images or vectors', content.kind)
  }
}
