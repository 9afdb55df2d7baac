import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, gunzipSync } from 'node:zlib'
import { compress as zstd } from '@mongodb-js/zstd'
import { Dictionary, Int32, RecordBatchStreamWriter, Table, Utf8, vectorFromArray } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../../src/engine/decode/limits.ts'
import { openSink } from '../../src/files/sink.ts'
import { random } from '../../src/stats/random.ts'
import { fixtures, fresh, linesOf, outputs, reasons, sortRows, text, write } from './sort-rows.ts'

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const original = (out: string, name: string) => readFileSync(join(out, 'dead-letter', `${name}.original`))
const draw = random(5)
const rows = Array.from({ length: 3000 }, (_, i) => `{"id":${i},"text":"${Math.floor(draw() * 2 ** 32)}"}\n`)
const plain = Buffer.from(rows.join(''))
const packed = gzipSync(plain)
const flipped = (bytes: Uint8Array, at: number) => {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at)
  return changed
}

describe('gzip', () => {
  it.each([
    ['trailing garbage', Buffer.concat([packed, Buffer.from('garbage')]), 3000],
    ['trailing garbage after a few rows', Buffer.concat([gzipSync(rows[0] ?? ''), Buffer.from('garbage')]), 1],
    ['garbage behind padding', Buffer.concat([packed, Buffer.alloc(50_000), Buffer.from('x')]), 3000],
    ['a flipped bit', flipped(packed, packed.length >> 1), 1000],
    ['plain text', plain, 0],
    ['nothing', Buffer.alloc(0), 0],
  ])('with %s: the rows before, and the file as a whole', async (_, bytes, least) => {
    const { out, files } = await sortRows([write('a.ndjson.gz', bytes)], { fields: text })
    expect(files[0]?.damage).toMatch(/gzip/)
    expect(sha(original(out, 'a.ndjson.gz'))).toBe(sha(bytes))
    const left = new Set(outputs(out, 'a.ndjson.gz').flatMap((part) => linesOf(gunzipSync(part))))
    expect(rows.filter((row) => left.has(row.trimEnd())).length).toBeGreaterThanOrEqual(least)
    const piped = await sortRows(['-'], { fields: text, stdin: Readable.from([bytes]), format: 'lines' })
    expect(piped.files[0]?.rows).toBeGreaterThanOrEqual(least)
  })

  it('may be padded with zeros', async () => {
    const { files } = await sortRows([write('a.ndjson.gz', Buffer.concat([packed, Buffer.alloc(70_000)]))])
    expect(files[0]).toMatchObject({ rows: 3000, damage: undefined })
  })
})

describe('zstd', () => {
  /** One raw block with a checksum: what it holds can be changed without the format noticing. */
  const raw = (content: Buffer, checksum: Buffer) => {
    const block = Buffer.alloc(3)
    block.writeUIntLE((content.length << 3) | 1, 0, 3)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(content.length)
    return Buffer.concat([Buffer.from('28b52ffda4', 'hex'), size, block, content, checksum])
  }
  // xxhsum -H1 of 'abc' is 44bc2cf5ad770999.
  const sum = Buffer.from('ad770999', 'hex').reverse()

  it('that matches its checksum is read', async () => {
    const frames = Buffer.concat([raw(Buffer.from('abc'), sum), await zstd(plain)])
    const { files } = await sortRows([write('a.ndjson.zst', frames)])
    expect(files[0]).toMatchObject({ rows: 3000, damage: undefined })
  })

  it('that differs from its checksum gives no row at all', async () => {
    const frames = Buffer.concat([await zstd(plain), raw(Buffer.from('abd'), sum)])
    const { out, files, counts } = await sortRows([write('a.ndjson.zst', frames)])
    expect(files[0]?.damage).toMatch(/checksum/)
    expect(counts).toEqual({ pass: 0, quarantine: 0, 'dead-letter': 1 })
    expect(sha(original(out, 'a.ndjson.zst'))).toBe(sha(frames))
  })

  it('of no bytes is a dead letter', async () => {
    const { out, codes } = await sortRows([write('a.ndjson.zst', '')])
    expect(codes).toEqual(['BYTES_MALFORMED'])
    expect(original(out, 'a.ndjson.zst').length).toBe(0)
  })
})

describe('a CSV header', () => {
  const limits = { ...defaultLimits, recordBytes: 100 }
  it.each([
    ['of a file of carriage returns', 'id,text\r1,a\r2,b\r', {}],
    ['over the limit', `id,text,${'x'.repeat(200)}\n1,a,\n2,b,\n`, { limits }],
  ])('%s sends the whole file to the dead letters', async (_, bytes, options) => {
    const { out, codes, counts } = await sortRows([write('a.csv', bytes)], { fields: text, ...options })
    expect(codes).toEqual(['BYTES_MALFORMED'])
    expect(counts).toEqual({ pass: 0, quarantine: 0, 'dead-letter': 1 })
    expect(String(original(out, 'a.csv'))).toBe(bytes)
    const stdin = Readable.from([Buffer.from(bytes)])
    const piped = await sortRows(['-'], { fields: text, stdin, format: 'csv', ...options })
    expect(piped.counts.pass + piped.counts.quarantine).toBe(0)
    expect(String(readFileSync(join(piped.out, 'dead-letter/stdin.csv')))).toBe(bytes)
  })
})

describe('Arrow', () => {
  it('bytes after the end of a stream are damage', async () => {
    const stream = readFileSync(join(fixtures, 'types-zstd.arrows'))
    const { rows: once } = (await sortRows([write('a.arrows', stream)])).files[0] ?? { rows: 0 }
    const twice = Buffer.concat([stream, stream])
    const { out, files } = await sortRows([write('a.arrows', twice)])
    expect(files[0]?.damage).toMatch(/follows the end/)
    expect(files[0]?.rows).toBe(once + 1)
    expect(sha(original(out, 'a.arrows'))).toBe(sha(twice))
  })

  it('a file whose dictionary changes is a dead letter from there on, not an end of the run', async () => {
    const type = new Dictionary(new Utf8(), new Int32(), 1)
    const writer = new RecordBatchStreamWriter()
    for (const words of [
      ['a', 'b'],
      ['c', 'd'],
    ])
      writer.write(new Table({ word: vectorFromArray(words, type) }).batches[0])
    writer.finish()
    const bytes = writer.toUint8Array(true)
    const { out, files } = await sortRows([write('a.arrow', bytes)])
    expect(files[0]?.damage).toMatch(/dictionary changes/)
    expect(files[0]?.rows).toBe(3)
    expect(sha(original(out, 'a.arrow'))).toBe(sha(bytes))
  })
})

describe('odd names', () => {
  it('are left out with a reason, or shortened', async () => {
    const path = write('a.ndjson', '{"id":1}\n')
    const folder = dirname(path)
    symlinkSync('self.ndjson', join(folder, 'self.ndjson'))
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff]), Buffer.from('.ndjson')]), '{}\n')
    const long = `${'ü'.repeat(120)}.ndjson`
    writeFileSync(join(folder, long), '{"id":\n')
    const { out, counts } = await sortRows([folder])
    expect(counts['dead-letter']).toBeGreaterThanOrEqual(1)
    expect(counts.pass + counts.quarantine + counts['dead-letter']).toBe(2)
    expect(readdirSync(join(out, 'dead-letter')).some((name) => /^ü+-[0-9a-f]{16}\.reasons\.ndjson$/.test(name))).toBe(
      true,
    )
  })

  it('of one input that a file beside another would have', async () => {
    const path = write('a.ndjson', '{"id":\n')
    writeFileSync(`${path}.reasons.ndjson`, '{"id":1}\n')
    const { out, counts } = await sortRows([path, `${path}.reasons.ndjson`])
    expect(counts).toEqual({ pass: 0, quarantine: 0, 'dead-letter': 1 })
    expect(reasons(out, 'dead-letter', 'a.ndjson')).toHaveLength(1)
  })
})

describe('two runs into one folder', () => {
  it('the second is refused while the first lives, and spoils nothing', async () => {
    const out = fresh()
    const first = await openSink(out)
    await expect(openSink(out, { overwrite: true })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Another run') as string,
    })
    writeFileSync(join(first.workFolder, 'report.txt'), 'report')
    await first.close()
    expect(String(readFileSync(join(out, 'report.txt')))).toBe('report')
    expect(existsSync(join(out, '.incomplete'))).toBe(false)
    const second = await openSink(out, { overwrite: true })
    expect(existsSync(join(out, 'report.txt'))).toBe(true)
    await second.abandon()
    expect(readdirSync(out).toSorted()).toEqual(['clean', 'dead-letter', 'events.ndjson', 'quarantine', 'report.txt'])
  })

  it('what a dead run left is taken over, and a replaced folder is not put in place', async () => {
    const out = fresh()
    const dead = await openSink(out)
    const owner = join(dead.workFolder, 'owner.json')
    const was = JSON.parse(String(readFileSync(owner))) as object
    writeFileSync(owner, JSON.stringify({ ...was, pid: 2 ** 22 + 1 }))
    const next = await openSink(out)
    await next.close()
    await expect(dead.close()).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
    expect(existsSync(join(out, 'clean'))).toBe(true)
  })
})
