import { z } from 'zod'
import { select, sizeOf, type Content } from '../../src/core/batch.ts'
import { arrayOf, type TypedArray, type Unpacked } from '../../src/core/codec.ts'
import { column, valueAt, type Column } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { selectRows, type Matrix } from '../../src/core/matrix.ts'
import { permutation, random } from '../../src/stats/random.ts'

/** Some trusted records as they are: what a batch that alarmed is compared with. */
export interface Sample {
  readonly vectors: Matrix
  readonly label: Int32Array
  readonly source: Column
  readonly columns: readonly (readonly [name: string, values: Float64Array | Column])[] // none but for rows
}

const mostRows = 1000
const mostNumbers = 2 ** 20
const longest = 200 // of a category's text

export function sampleOf(reference: Encoded, seed: number): Sample {
  const { records, vectors } = reference
  const count = Math.max(100, Math.min(mostRows, Math.floor(mostNumbers / Math.max(1, vectors.cols))))
  const rows = permutation(sizeOf(records), random(seed)).slice(0, count).toSorted()
  return {
    vectors: selectRows(vectors, rows),
    label: Int32Array.from(rows, (row) => reference.label[row] ?? -1),
    source: column(Array.from(rows, (row) => valueAt(records.source, row))),
    columns: records.content.kind === 'row' ? columnsOf(select(records, rows).content) : [],
  }
}

/** The columns of table rows, long texts cut; none for other content. */
export function columnsOf(content: Content): Sample['columns'] {
  if (content.kind !== 'row') return []
  return [...content.columns].map(([name, values]): [string, Float64Array | Column] => [
    name,
    values instanceof Float64Array
      ? values
      : column(Array.from(values.codes, (code) => values.values[code]?.slice(0, longest))),
  ])
}

const names = z.strictObject({
  cols: z.int().min(0),
  sources: z.array(z.string()),
  columns: z.array(z.tuple([z.string(), z.array(z.string()).nullable()])),
})

export const sampleJson = ({ vectors, source, columns }: Sample) => ({
  cols: vectors.cols,
  sources: source.values,
  columns: columns.map(([name, values]) => [name, values instanceof Float64Array ? null : values.values]),
})

export function sampleArrays({ vectors, label, source, columns }: Sample): [string, TypedArray][] {
  return [
    ['sampleVectors', vectors.data],
    ['sampleLabel', label],
    ['sampleSource', source.codes],
    ...columns.map(([, values], i): [string, TypedArray] => [
      `sampleColumn${i}`,
      values instanceof Float64Array ? values : values.codes,
    ]),
  ]
}

export function unpackedSample(unpacked: Unpacked, json: unknown): Sample {
  const { cols, sources, columns } = names.parse(json)
  const label = arrayOf(unpacked, 'sampleLabel', 'Int32Array')
  const rows = label.length
  return {
    vectors: { rows, cols, data: arrayOf(unpacked, 'sampleVectors', 'Float32Array', rows * cols) },
    label,
    source: { values: sources, codes: arrayOf(unpacked, 'sampleSource', 'Int32Array', rows) },
    columns: columns.map(([name, values], i): [string, Float64Array | Column] => [
      name,
      values === null
        ? arrayOf(unpacked, `sampleColumn${i}`, 'Float64Array', rows)
        : { values, codes: arrayOf(unpacked, `sampleColumn${i}`, 'Int32Array', rows) },
    ]),
  }
}
