import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, columns, csv, folder, mails, ndjson, taster } from './taster.ts'

const cwd = folder()
const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8')
const clean = mails(200, 2)
const misspelt = columns.map((name, i) => (columns[i - 1] === '--source' ? 'sorce' : name))

beforeAll(async () => {
  build()
  writeFileSync(join(cwd, 'approved.ndjson'), ndjson(mails(1000, 1)))
  writeFileSync(join(cwd, 'clean.csv'), csv(clean))
  writeFileSync(join(cwd, 'clean.ndjson'), ndjson(clean))
  const fitted = await taster(['baseline', 'fit', 'approved.ndjson', ...columns, '--out', 'approved'], cwd)
  if (fitted.code !== 0) throw new Error(fitted.err)
})

describe('a mistyped column', () => {
  it('of a CSV file lets no row through', async () => {
    const { code, out } = await taster(['inspect', 'clean.csv', '-b', 'approved', ...misspelt, '-o', 'o-csv'], cwd)
    expect(code).toBe(1)
    expect(out).toContain('200 × FIELD_MISSING (dead-letter)')
    expect(out.replaceAll(/\s+/g, ' ')).toContain("Did you mean 'source'?")
  })

  it('of JSON records is told in the report', async () => {
    const { out } = await taster(['inspect', 'clean.ndjson', '-b', 'approved', ...misspelt, '-o', 'o-json'], cwd)
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      "column 'sorce' (source) is in none of 200 records. Did you mean 'source'? Sources are not tested.",
    )
    expect(out).not.toContain('and nothing in them asks')
  })

  it('is told where a baseline is fitted', async () => {
    const { code, err } = await taster(['baseline', 'fit', 'approved.ndjson', ...misspelt, '--out', 'o-fit'], cwd)
    expect(code).toBe(0)
    expect(err).toContain("column 'sorce' (source) is in none of 1,000 records. Did you mean 'source'?")
  })

  it('of a table is not what the baseline was fitted on', async () => {
    const rows = mails(400, 3).map(({ source, label, text }) => ({ risk: label, branch: source, size: text.length }))
    writeFileSync(join(cwd, 'table.ndjson'), ndjson(rows))
    const table = (size: string) => ['--numeric', size, '--category', 'branch', '--label', 'risk']
    const fitted = await taster(['baseline', 'fit', 'table.ndjson', ...table('size'), '--out', 'table'], cwd)
    expect([fitted.code, fitted.err]).toEqual([0, expect.any(String)])
    const { code, err } = await taster(
      ['inspect', 'table.ndjson', '-b', 'table', ...table('siez'), '-o', 'o-table'],
      cwd,
    )
    expect(code).toBe(2)
    expect(err).toContain('BASELINE_MISMATCH')
    expect(err).toContain("without numeric column 'siez'")
    expect(err).toContain('did you mean size?')
  })
})

describe('what a run can say of its input', () => {
  it('is nothing where there are no records', async () => {
    writeFileSync(join(cwd, 'empty.ndjson'), '')
    const { code, out } = await taster(['inspect', 'empty.ndjson', '-b', 'approved', ...columns, '-o', 'o-empty'], cwd)
    expect(out).toContain('NOTHING READ')
    expect(code).toBe(0)
  })

  it('is that labels are new, that ids repeat', async () => {
    const rows = clean.map((mail, i) => ({ ...mail, ...(i < 3 && { label: 'ne\n' }), ...(i === 9 && { id: 'm8' }) }))
    writeFileSync(join(cwd, 'rows.ndjson'), ndjson(rows))
    writeFileSync(
      join(cwd, 'unique.yaml'),
      `name: unique
input: { fields: { id: id, source: source, label: label, text: text } }
verify: { uniqueIds: true }
encoder: { text-hash: {} }
`,
    )
    const args = ['inspect', 'rows.ndjson', '-p', 'unique.yaml', '-b', 'approved', '-o', 'o-unique']
    const { code, out } = await taster(args, cwd)
    expect(code).toBe(1)
    expect(out).toContain('1 × ID_REPEATED (dead-letter)')
    expect(out).toContain('3 records with labels that no trusted record has: "ne\\n"')
    expect(JSON.parse(read('o-unique', 'dead-letter', 'rows.ndjson'))).toEqual(rows[9])
  })
})
