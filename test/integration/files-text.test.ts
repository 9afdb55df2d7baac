import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compress as zstd, decompress as unzstd } from '@mongodb-js/zstd'
import { describe, expect, it } from 'vitest'
import { any, fixtures, fresh, linesOf, ndjson, outputs, sortRows, text, write } from './sort-rows.ts'

describe('rows of text files leave as they came', () => {
  const csv = `id,text\r\n${Array.from({ length: 50 }, (_, i) => `${i},"a ""${i}""\nb"\r\n`).join('')}`
  const records = csv.split('\r\n')

  it.each([
    ['none', '', async (bytes: Buffer) => bytes, async (bytes: Buffer) => bytes],
    ['gzip', '.gz', async (bytes: Buffer) => gzipSync(bytes), async (bytes: Buffer) => gunzipSync(bytes)],
    ['zstd', '.zst', (bytes: Buffer) => zstd(bytes), (bytes: Buffer) => unzstd(bytes)],
  ])('compression: %s', async (_, ending, pack, unpack) => {
    const jsonName = `rows.jsonl${ending}`
    const lines = await sortRows([write(jsonName, await pack(Buffer.from(ndjson(100))))], { fields: text })
    const parts = await Promise.all(outputs(lines.out, jsonName).map(unpack))
    expect(parts.flatMap(linesOf).toSorted()).toEqual(linesOf(Buffer.from(ndjson(100))).toSorted())
    expect(lines.codes).toEqual([])

    const csvName = `rows.csv${ending}`
    const table = await sortRows([write(csvName, await pack(Buffer.from(csv)))], { fields: text })
    const tables = await Promise.all(outputs(table.out, csvName).map(unpack))
    expect(tables).toHaveLength(3)
    for (const part of tables) expect(part.toString().split('\r\n')[0]).toBe('id,text')
    const left = tables.flatMap((part) => part.toString().split('\r\n').slice(1))
    expect(left.filter((record) => record !== '').toSorted()).toEqual(
      records
        .slice(1)
        .filter((record) => record !== '')
        .toSorted(),
    )
  })

  it('JSON arrays stay arrays, with the bytes of their elements', async () => {
    const elements = Array.from({ length: 40 }, (_, i) => `{ "id": ${i},  "text":"x" , "n": 1.0e0 }`)
    const { out, counts } = await sortRows([write('rows.json', `[${elements.join(' ,\n')}]`)], { fields: text })
    const parts = outputs(out, 'rows.json').map(String)
    for (const part of parts) expect(Array.isArray(JSON.parse(part))).toBe(true)
    const left = parts.flatMap((part) => part.slice(2, -3).split(',\n'))
    expect(left.toSorted()).toEqual(elements.toSorted())
    expect(counts.pass + counts.quarantine + counts['dead-letter']).toBe(40)
  })

  it('a single JSON object is one record', async () => {
    const { out, files } = await sortRows([write('one.json', '{"id":1,\n"text":"x"}')], { fields: text })
    expect(files[0]).toMatchObject({ rows: 1 })
    expect(outputs(out, 'one.json').map(String)).toEqual(['{"id":1,\n"text":"x"}'])
  })

  it('the last row need not end its line', async () => {
    const { out } = await sortRows([write('a.ndjson', '{"id":1}\n{"id":2}')], { seed: 3 })
    expect(outputs(out, 'a.ndjson').flatMap(linesOf).toSorted()).toEqual(['{"id":1}', '{"id":2}'])
  })

  it('folders keep their shape, and what is no data stays out', async () => {
    const root = fresh()
    mkdirSync(join(root, 'a/b'), { recursive: true })
    writeFileSync(join(root, 'a/b/x.ndjson'), '{"id":1}\n')
    writeFileSync(join(root, 'a/y.csv'), 'id\n1\n')
    writeFileSync(join(root, 'a/readme.txt'), 'hello')
    writeFileSync(join(root, 'a/empty.ndjson'), '')
    writeFileSync(join(root, 'a/header.csv'), 'id,text\n')
    const { out, files } = await sortRows([root])
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      ['a/b/x.ndjson', 1],
      ['a/empty.ndjson', 0],
      ['a/header.csv', 0],
      ['a/y.csv', 1],
    ])
    expect(outputs(out, 'a/b/x.ndjson').map(String)).toEqual(['{"id":1}\n'])
    expect(readdirSync(out).toSorted()).toEqual(['clean', 'dead-letter', 'events.ndjson', 'quarantine'])
    expect(linesOf(readFileSync(join(out, 'events.ndjson')))).toHaveLength(2)
  })

  it('standard input of any format', async () => {
    const stdin = (bytes: Uint8Array, size = 5) =>
      Readable.from(
        (function* parts() {
          for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size))
        })(),
      )
    const from = async (bytes: Uint8Array, name: string, fields = any) => {
      const { out, files } = await sortRows(['-'], { stdin: stdin(bytes), fields })
      expect(files[0]?.name).toBe(name)
      return outputs(out, name)
    }
    expect((await from(Buffer.from('{"id":1}\n{"id":2}\n'), 'stdin.ndjson')).join('')).toContain('{"id":1}')
    expect((await from(Buffer.from('[{"id":1}]'), 'stdin.json')).join('')).toContain('{"id":1}')
    expect((await from(Buffer.from('{\n"id":1}\n'), 'stdin.json')).join('')).toContain('"id":1')
    expect((await from(Buffer.from('a;b\n1;2\n'), 'stdin.csv')).map(String)).toEqual(['a;b\n1;2\n'])
    expect(
      (await from(gzipSync(ndjson(9)), 'stdin.ndjson.gz')).map((part) => gunzipSync(part)).flatMap(linesOf),
    ).toHaveLength(9)
    expect(await from(readFileSync(join(fixtures, 'types.parquet')), 'stdin.parquet')).toHaveLength(3)
    expect(await from(readFileSync(join(fixtures, 'types-zstd.arrows')), 'stdin.arrows')).toHaveLength(3)
    expect(await from(new Uint8Array(), 'stdin.csv')).toEqual([])
  })
})
