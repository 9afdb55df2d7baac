import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compress as zstd, decompress as unzstd } from '@mongodb-js/zstd'
import { tableFromIPC, type Table } from 'apache-arrow'
import { readParquet } from 'parquet-wasm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CloudEvent, Outcome } from '../../src/core/line.ts'
import type { Decision } from '../../src/core/verdict.ts'
import { decode } from '../../src/engine/decode.ts'
import type { Fields } from '../../src/engine/decode/fields.ts'
import { defaultLimits, type Limits } from '../../src/engine/decode/limits.ts'
import { openSink } from '../../src/files/sink.ts'
import { openFiles, type FileReport, type FilesOptions } from '../../src/files/source.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { build } from './taster.ts'

const fixtures = fileURLToPath(new URL('../unit/files/fixtures/', import.meta.url))
const others = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url))
const text: Fields = { id: 'id', labelRequired: false, content: { kind: 'text', columns: ['text'] } }
const any: Fields = { labelRequired: false, content: { kind: 'row', numeric: [], category: [] } }
const decisions: readonly Decision[] = ['pass', 'quarantine', 'dead-letter']
const folders = ['clean', 'quarantine', 'dead-letter']

let folder = ''
beforeAll(() => {
  build()
  folder = mkdtempSync(join(tmpdir(), 'taster-files-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
let made = 0
const fresh = () => join(folder, `${made++}`)

interface Sorted {
  readonly out: string
  readonly files: readonly FileReport[]
  readonly counts: { readonly [of in Decision]: number }
  readonly codes: readonly string[]
}

/** Sends records where a seeded draw says, in runs; what decode rejects goes to the dead letters. */
async function sortRows(
  paths: readonly string[],
  options: Partial<FilesOptions> & { readonly fields?: Fields; readonly out?: string; readonly seed?: number } = {},
): Promise<Sorted> {
  const { fields = any, out = fresh(), seed = 1, ...rest } = options
  const draw = random(seed)
  let decision: Decision = 'pass'
  const drawn = (): Decision => {
    if (draw() < 0.3) decision = decisions[Math.floor(draw() * 3)] ?? 'pass'
    return decision
  }
  const sink = await openSink(out)
  const codes: string[] = []
  try {
    const files = await openFiles(paths, { batchRecords: 7, ...rest, sink })
    for await (const delivery of files) {
      const batch = decode(delivery.messages, fields, options.limits)
      const rulings = [
        ...batch.id.map((_, i) => ({
          message: batch.messageOf[i] ?? 0,
          row: batch.rowOf[i] ?? 0,
          decision: drawn(),
          reason: 'drawn',
        })),
        ...batch.rejected.map(({ message, row, code, reason }) => ({
          message,
          row,
          decision: 'dead-letter' as const,
          reason: `${code}: ${reason}`,
        })),
      ].toSorted((a, b) => a.message - b.message || a.row - b.row)
      codes.push(...batch.rejected.map(({ code }) => code))
      const verdict = { id: batch.digest, decision: 'pass' as const, rulings, findings: [], insufficient: [] }
      const outcome: Outcome = { batch, verdict, repeatedIds: 0, events: [{ id: batch.digest } as CloudEvent] }
      await delivery.commit(outcome)
    }
    await files.close()
    await sink.close()
    return { out, files: files.files, counts: sink.counts, codes }
  } catch (error) {
    await sink.abandon()
    throw error
  }
}

const outputs = (out: string, name: string): Buffer[] =>
  folders.map((of) => join(out, of, name)).flatMap((path) => (existsSync(path) ? [readFileSync(path)] : []))
const write = (name: string, bytes: string | Uint8Array): string => {
  const path = join(fresh(), name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return path
}
const linesOf = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
const reasons = (out: string, of: string, name: string) =>
  linesOf(readFileSync(join(out, of, `${name}.reasons.ndjson`))).map((line) => JSON.parse(line) as { reason: string })

const ndjson = (rows: number) =>
  Array.from({ length: rows }, (_, i) => JSON.stringify({ id: i, text: `text ${i} ü` })).join('\n')

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
    expect((await from(Buffer.from('{"id":1}\n{"id":2}\n'), 'stdin.json')).join('')).toContain('{"id":1}')
    expect((await from(Buffer.from('a;b\n1;2\n'), 'stdin.csv')).map(String)).toEqual(['a;b\n1;2\n'])
    expect(
      (await from(gzipSync(ndjson(9)), 'stdin.json.gz')).map((part) => gunzipSync(part)).flatMap(linesOf),
    ).toHaveLength(9)
    expect(await from(readFileSync(join(fixtures, 'types.parquet')), 'stdin.parquet')).toHaveLength(3)
    expect(await from(readFileSync(join(fixtures, 'types-zstd.arrows')), 'stdin.arrows')).toHaveLength(3)
    expect(await from(new Uint8Array(), 'stdin.csv')).toEqual([])
  })
})

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

describe('of damaged input nothing is lost', () => {
  const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  it('truncated JSON: the rest is a dead letter', async () => {
    const { out, codes, files } = await sortRows([write('cut.json', '[{"id":1},{"id":2},{"id":')])
    expect(codes).toEqual(['BYTES_MALFORMED'])
    expect(files[0]?.rows).toBe(3)
    expect(outputs(out, 'cut.json').join('')).toContain('{"id":')
    expect(outputs(out, 'cut.json').map((part) => String(part).split('{"id"').length - 1)).toSatisfy(
      (counts: number[]) => counts.reduce((a, b) => a + b) === 3,
    )
  })

  it('a CSV quote that never closes', async () => {
    const { out, codes } = await sortRows([write('cut.csv', 'id,text\n1,a\n2,"b\n3,c\n')], { fields: text })
    expect(codes).toEqual(['BYTES_MALFORMED'])
    expect(String(readFileSync(join(out, 'dead-letter/cut.csv')))).toContain('2,"b\n3,c\n')
  })

  it.each([
    ['rows.ndjson.gz', (rows: Buffer) => gzipSync(rows)],
    ['rows.ndjson.zst', (rows: Buffer) => zstd(rows)],
  ])('%s that breaks off: rows before the cut, and the file as a whole', async (name, pack) => {
    const draw = random(5)
    const rows = Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"text":"${Math.floor(draw() * 2 ** 32)}"}\n`)
    const packed = await pack(Buffer.from(rows.join('')))
    const cut = packed.subarray(0, Math.floor(packed.length * 0.6))
    const { out, files, codes } = await sortRows([write(name, cut)], { fields: text, batchRecords: 1000 })
    expect(files[0]?.damage).toMatch(/breaks off or is damaged/)
    expect(codes).toEqual(['BYTES_MALFORMED'])
    expect(sha(readFileSync(join(out, 'dead-letter', `${name}.original`)))).toBe(sha(cut))
    const unpacked = await Promise.all(
      outputs(out, name).map(async (part) => (name.endsWith('gz') ? gunzipSync(part) : unzstd(part))),
    )
    const left = new Set(unpacked.flatMap(linesOf))
    const whole = rows.filter((row) => left.has(row.trimEnd())).length
    expect(whole).toBe((files[0]?.rows ?? 0) - 1)
    expect(whole).toBeGreaterThan(8000)
    expect(rows.slice(0, whole).every((row) => left.has(row.trimEnd()))).toBe(true)
    expect(reasons(out, 'dead-letter', name).at(-1)?.reason).toMatch(/^BYTES_MALFORMED: the (gzip|zstd) data/)
  })

  it.each(['types.arrow', 'types-zstd.arrows', 'types.parquet', 'types-lz4.feather'])(
    '%s cut or changed anywhere',
    async (name) => {
      const whole = readFileSync(join(fixtures, name))
      const draw = random(9)
      const spots = permutation(whole.length, draw).subarray(0, 25)
      for (const spot of [0, 3, 8, 9, whole.length - 1, ...spots]) {
        const changed = Buffer.from(whole)
        changed.writeUInt8((changed.readUInt8(spot) + 1 + Math.floor(draw() * 255)) % 256, spot)
        for (const broken of [whole.subarray(0, spot), changed]) {
          const { out, files, codes } = await sortRows([write(name, broken)])
          const damaged = files[0]?.damage !== undefined
          // Changed values are values: not every change can be seen.
          expect(damaged || broken === changed).toBe(true)
          expect(codes.length > 0 || !damaged).toBe(true)
          expect(damaged ? sha(readFileSync(join(out, 'dead-letter', `${name}.original`))) : sha(broken)).toBe(
            sha(broken),
          )
        }
      }
    },
  )

  it('a 50 MB record goes to the dead letters whole, without being held', async () => {
    const long = `{"id":2,"text":"${'x'.repeat(50 * 2 ** 20)}"}\n`
    const path = write('long.ndjson', `{"id":1,"text":"a"}\n${long}{"id":3,"text":"b"}\n`)
    const { out, codes, counts } = await sortRows([path], { fields: text })
    expect(codes).toEqual(['RECORD_TOO_LARGE'])
    expect(counts.pass + counts.quarantine + counts['dead-letter']).toBe(3)
    const dead = String(readFileSync(join(out, 'dead-letter/long.ndjson')))
    expect(dead.includes(long)).toBe(true)
    expect(outputs(out, 'long.ndjson').reduce((sum, part) => sum + part.length, 0)).toBe(statSync(path).size)
    expect(
      reasons(out, 'dead-letter', 'long.ndjson').some(({ reason }) => reason.includes(`${long.length} bytes`)),
    ).toBe(true)
  })

  it('each bad row on its own, its neighbours untouched', async () => {
    const limits: Limits = { ...defaultLimits, recordBytes: 1000 }
    const rows = [
      '{"id":"a","text":"fine"}',
      '{"id":"b","text":"\xff"}',
      '{"id":"c"',
      '{"id":"d"}',
      '{"id":"e","text":1}',
      `{"id":"f","text":${'['.repeat(200)}${']'.repeat(200)}}`,
      `{"id":"g","text":"${'x'.repeat(2000)}"}`,
      '{"__proto__":{"id":"x"},"constructor":1,"id":"h","text":"fine"}',
      '{"id":"\\u001b[31m","text":"fine","label":"\\u0007"}',
      '{"id":"a","text":"again"}',
    ]
    const path = write('rows.ndjson', Buffer.from(`${rows.join('\n')}\n`, 'latin1'))
    const { out, codes } = await sortRows([path], { fields: text, limits })
    expect(codes).toEqual([
      'BYTES_NOT_UTF8',
      'BYTES_MALFORMED',
      'FIELD_MISSING',
      'FIELD_MISTYPED',
      'RECORD_TOO_DEEP',
      'RECORD_TOO_LARGE',
    ])
    expect(outputs(out, 'rows.ndjson').flatMap(linesOf).toSorted()).toEqual(rows.toSorted())
  })
})

describe('the output folder', () => {
  const input = () => write('rows.ndjson', '{"id":1}\n')

  it('must be new or empty, or may be overwritten in what Taster wrote', async () => {
    const out = fresh()
    await sortRows([input()], { out })
    await expect(sortRows([input()], { out })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    writeFileSync(join(out, 'mine.txt'), 'keep')
    const sink = await openSink(out, { overwrite: true })
    await sink.close()
    expect(readdirSync(out).toSorted()).toEqual(['clean', 'dead-letter', 'events.ndjson', 'mine.txt', 'quarantine'])
    expect(readdirSync(join(out, 'clean'))).toEqual([])
  })

  it('holds nothing that looks whole until all is', async () => {
    const out = fresh()
    const sink = await openSink(out)
    expect(readdirSync(out)).toEqual(['.incomplete'])
    await sink.abandon()
    expect(readdirSync(out)).toEqual([])
    mkdirSync(join(out, '.incomplete'))
    await (await openSink(out)).close()
    expect(existsSync(join(out, '.incomplete'))).toBe(false)
  })

  it('may not lie in the input, nor the input in it', async () => {
    const path = input()
    const refused = { code: 'CONFIG_INVALID' }
    await expect(sortRows([dirname(path)], { out: join(dirname(path), 'out') })).rejects.toMatchObject(refused)
    const link = fresh()
    symlinkSync(dirname(path), link)
    await expect(sortRows([dirname(path)], { out: join(link, 'out') })).rejects.toMatchObject(refused)
    expect(String(readFileSync(path))).toBe('{"id":1}\n')
  })

  it('that cannot be made is an error with a remedy', async () => {
    const file = input()
    await expect(openSink(join(file, 'out'))).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: expect.stringMatching(/is a file, not a folder.*input is untouched/) as string,
    })
  })

  const small = mountSmall()
  it.skipIf(small === undefined)(
    `on a full or read-only disk is an error${small === undefined ? ' (needs a mount)' : ''}`,
    async () => {
      const disk = small ?? ''
      try {
        const draw = random(2)
        const rows = Array.from({ length: 20_000 }, () => JSON.stringify({ text: draw() })).join('\n')
        const path = write('rows.ndjson', rows)
        await expect(sortRows([path], { out: join(disk, 'out') })).rejects.toMatchObject({
          code: 'OUTPUT_FAILED',
          message: expect.stringContaining('the disk is full') as string,
        })
        expect(readdirSync(join(disk, 'out'))).toEqual([])
        expect(String(readFileSync(path))).toBe(rows)
        execFileSync('mount', ['-o', 'remount,ro', disk])
        await expect(openSink(join(disk, 'other'))).rejects.toMatchObject({
          code: 'OUTPUT_FAILED',
          message: expect.stringContaining('read-only') as string,
        })
      } finally {
        execFileSync('umount', [disk])
        rmSync(disk, { recursive: true })
      }
    },
  )
})

/** A disk of 256 kB, where this user may mount one. */
function mountSmall(): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'taster-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' })
    return disk
  } catch (error) {
    console.warn(`No small disk can be mounted, so that a full one is not tried: ${String(error)}`)
    return undefined
  }
}

describe('reading without a sink', () => {
  it('peeks at the first batch and still delivers it', async () => {
    const source = await openFiles([write('a.ndjson', ndjson(20))], { batchRecords: 8 })
    expect(await source.peek()).toHaveLength(8)
    const sizes: number[] = []
    for await (const { messages } of source) sizes.push(messages.length)
    expect(sizes).toEqual([8, 8, 4])
    expect([source.readBytes(), source.totalBytes]).toEqual([source.totalBytes, Buffer.byteLength(ndjson(20))])
    await source.close()
  })

  it('closes early without harm', async () => {
    copyFileSync(join(fixtures, 'types.parquet'), join(folder, 'early.parquet'))
    const source = await openFiles([join(folder, 'early.parquet')], { batchRecords: 2 })
    for await (const { messages } of source) {
      expect(messages).toHaveLength(1)
      break
    }
    await source.close()
  })

  it('cuts batches by bytes as well as by rows', async () => {
    const limits = { ...defaultLimits, batchBytes: 100 }
    const source = await openFiles([write('a.ndjson', ndjson(20))], { batchRecords: 1000, limits })
    let batches = 0
    for await (const { messages } of source) batches += messages.length > 0 ? 1 : 0
    expect(batches).toBeGreaterThan(3)
    await source.close()
  })
})
