import type { Encoded } from '../../src/core/encoded.ts'
import { rowOf } from '../../src/core/matrix.ts'

/** A stretch of the numbers of a record that vary together. */
export interface Look {
  readonly name: 'content' | 'length'
  readonly from: number
  readonly dims: number
}

/** Content as the encoder sees it; length where the content has one: of a text, or of a vector that is not normalised. */
export function looksOf({ records, vectors }: Encoded): Look[] {
  const { kind } = records.content
  const content: Look = { name: 'content', from: 0, dims: vectors.cols }
  return kind === 'text' || kind === 'vector' ? [content, { name: 'length', from: vectors.cols, dims: 1 }] : [content]
}

/** The numbers of a record: its vector, and the logarithm of its length. */
export function numbersOf({ records, vectors }: Encoded, row: number, into: Float64Array): void {
  into.set(rowOf(vectors, row))
  const { content } = records
  if (content.kind === 'text') into[vectors.cols] = Math.log1p(content.text[row]?.length ?? 0)
  if (content.kind === 'vector') {
    const squared = rowOf(content.vectors, row).reduce((sum, x) => sum + x * x, 0)
    into[vectors.cols] = Math.log(Math.max(1e-30, squared)) / 2
  }
}
