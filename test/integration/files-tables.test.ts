import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC, type Table } from 'apache-arrow'
import { readParquet } from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { decode } from '../../src/engine/decode.ts'
import { openFiles } from '../../src/files/source.ts'
import { any, fixtures, folders, linesOf, others, outputs, sortRows } from './sort-rows.ts'

describe('tables leave with their types', () => {
  const read = (path: string): Table =>
    path.endsWith('.parquet')
      ? tableFromIPC(readParquet(readFileSync(path)).intoIPCStream())
      : tableFromIPC(readFileSync(path))
  const rowsOf = (table: Table) =>
    table
      .toArray()
      .map((row: object) =>
        JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
      )

  it.each(['types.arrow', 'types.parquet', 'views.arrow', 'flights-200k.arrow'])('%s', async (name) => {
    const path = existsSync(join(fixtures, name)) ? join(fixtures, name) : join(others, name)
    const rows = read(path)
    const { out, files, counts } = await sortRows([path], { batchRecords: name.startsWith('flights') ? 4096 : 7 })
    expect(files[0]).toMatchObject({ rows: rows.numRows, damage: undefined })
    const parts = folders.map((of) => join(out, of, name)).filter((part) => existsSync(part))
    const tables = parts.map(read)
    for (const table of tables) expect(String(table.schema)).toBe(String(rows.schema))
    for (const table of tables) expect(table.schema.metadata).toEqual(rows.schema.metadata)
    expect(tables.map(({ numRows }) => numRows).toSorted((a, b) => a - b)).toEqual(
      Object.values(counts)
        .filter((n) => n > 0)
        .toSorted((a, b) => a - b),
    )
    if (rows.numRows > 1000) return
    expect(tables.flatMap(rowsOf).toSorted()).toEqual(rowsOf(rows).toSorted())
  })

  it.each(['types-lz4.feather', 'types-zstd.arrows'])('%s, with compressed buffers', async (name) => {
    const { out, files } = await sortRows([join(fixtures, name)])
    expect(files[0]).toMatchObject({ rows: 40, damage: undefined })
    const tables = folders.map((of) => read(join(out, of, name)))
    expect(tables.flatMap(rowsOf).toSorted()).toEqual(rowsOf(read(join(fixtures, 'types.arrow'))).toSorted())
  })

  it('a Parquet file of three million rows, batch by batch', async () => {
    const source = await openFiles([join(others, 'flights-3m.parquet')], { batchRecords: 20_000 })
    let rows = 0
    for await (const { messages } of source) rows += decode(messages, any).id.length
    await source.close()
    expect(rows).toBe(3_000_000)
  })

  it('CSV files that others made', async () => {
    for (const name of ['airports.csv', 'zipcodes.csv', 'unemployment.tsv']) {
      const { out, codes } = await sortRows([join(others, name)], { batchRecords: 500 })
      expect(codes).toEqual([])
      const left = outputs(out, name).flatMap((part) => linesOf(part).slice(1))
      expect(left.toSorted()).toEqual(
        linesOf(readFileSync(join(others, name)))
          .slice(1)
          .toSorted(),
      )
    }
  })
})
