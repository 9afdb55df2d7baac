import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compress as zstd, decompress as unzstd } from '@mongodb-js/zstd'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type Limits } from '../../src/engine/decode/limits.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { fixtures, linesOf, outputs, reasons, sortRows, text, write } from './sort-rows.ts'

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
