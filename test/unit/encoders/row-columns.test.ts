import { describe, expect, it } from 'vitest'
import type { Content, Records } from '../../../src/core/batch.ts'
import { column, type Column } from '../../../src/core/column.ts'
import rowColumns from '../../../src/encoders/row-columns.ts'

const rows = (columns: { [name: string]: (string | null)[] | number[] }): Records => {
  const map = new Map<string, Float64Array | Column>()
  let count = 0
  for (const [name, values] of Object.entries(columns)) {
    count = values.length
    const numeric = values.every((value) => typeof value === 'number')
    map.set(name, numeric ? Float64Array.from(values as number[]) : column(values as (string | null)[]))
  }
  const content: Content = { kind: 'row', columns: map }
  const none = column(Array.from({ length: count }, () => null))
  return {
    id: Array.from({ length: count }, (_, i) => `${i}`),
    source: none,
    label: none,
    at: new Float64Array(count),
    content,
  }
}

const fit = (reference: Records, params: unknown = {}) => rowColumns.fit(reference, rowColumns.params.parse(params), 1)

describe('row-columns', () => {
  it('lays out a number, its absence, the values, buckets for others, and their absence', async () => {
    const reference = rows({ price: [-1, 0, 1, NaN], kind: ['a', 'b', 'a', null] })
    const fitted = await fit(reference)
    const { cols, data } = await rowColumns.encode(reference.content, fitted)
    expect(cols).toBe(1 + 1 + 2 + 4 + 1)
    const row = (i: number) => [...data.subarray(i * cols, (i + 1) * cols)]
    expect(row(1)).toEqual([0, -0.25, -0.5, 0.75, 0, 0, 0, 0, -0.25])
    expect(row(3)).toEqual([0, 0.75, -0.5, -0.25, 0, 0, 0, 0, 0.75])
    const unseen = await rowColumns.encode(rows({ price: [5], kind: ['zzz'] }).content, fitted)
    expect([...unseen.data.subarray(2, 8)].toSorted((a, b) => a - b)).toEqual([-0.5, -0.25, 0, 0, 0, 1])
  })

  it('hashes columns of many values, and projects what is wider than dims', async () => {
    const many = rows({ kind: Array.from({ length: 100 }, (_, i) => `v${i}`) })
    expect((await rowColumns.encode(many.content, await fit(many))).cols).toBe(33)
    const narrow = await rowColumns.encode(many.content, await fit(many, { dims: 16 }))
    expect(narrow.cols).toBe(16)
    expect(narrow.data.every(Number.isFinite)).toBe(true)
  })

  it('leaves out columns that the reference did not have', async () => {
    const fitted = await fit(rows({ price: [1, 2, 3] }))
    const { columns } = rows({ extra: ['x'], price: [2] }).content as Extract<Content, { kind: 'row' }>
    const encoded = await rowColumns.encode({ kind: 'row', columns }, fitted)
    expect([...encoded.data]).toEqual([0, 0])
  })

  it('names values, bins and pairs', async () => {
    const reference = rows({ price: [0, 10, 20, 30], kind: ['a', 'b', 'a\u001b', null] })
    const fitted = await fit(reference)
    const names = [0, 2, 3].map((row) => {
      const { ids, offsets } = rowColumns.features(reference.content, fitted)
      return [...ids.subarray(offsets[row], offsets[row + 1])].map((id) =>
        rowColumns.nameOf(reference.content, row, id, fitted),
      )
    })
    expect(names).toEqual([
      ['price in [0, 3)', 'kind = "a"', 'price in [0, 3) and kind = "a"'],
      ['price in [18, 21)', 'kind = "a\\u001b"', 'price in [18, 21) and kind = "a\\u001b"'],
      ['price in [27, 30]', 'kind is missing', 'price in [27, 30] and kind is missing'],
    ])
  })

  it('needs a reference', async () => {
    await expect((async () => fit(rows({ price: [] })))()).rejects.toThrow(/no columns to fit on/)
  })
})
