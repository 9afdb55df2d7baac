import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, columns, csv, folder, mails, ndjson, start, taster, type Ended, type Made } from './taster.ts'

const cwd = folder()
const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8')
const trust = ['--trusted', 'approved.ndjson', ...columns]
const judged = ['--baseline', 'approved', ...columns]
/** After 400 records a new source sends spam that it calls ham. */
const flip = (mail: Made): Made => {
  const place = Number(mail.id.slice(1))
  return place > 400 && place % 4 === 0 ? { ...mail, source: 'mallory', label: 'ham' } : mail
}
const clean = mails(600, 2)
const poisoned = mails(1200, 3, flip)

beforeAll(async () => {
  build()
  writeFileSync(join(cwd, 'approved.ndjson'), ndjson(mails(3000, 1)))
  writeFileSync(join(cwd, 'clean.csv'), csv(clean))
  writeFileSync(join(cwd, 'poisoned.ndjson'), ndjson(poisoned))
  const fitted = await taster(['baseline', 'fit', 'approved.ndjson', ...columns, '--out', 'approved'], cwd)
  if (fitted.code !== 0) throw new Error(fitted.err)
})

describe('taster inspect', () => {
  it('fits from approved files, lets clean ones through and ends with 0', async () => {
    const { code, out } = await taster(['inspect', 'clean.csv', ...trust, '--out', 'o-clean'], cwd)
    expect(out).toMatch(/^\nCLEAN 600 records, and nothing in them asks for attention\n/)
    expect(code).toBe(0)
    expect(read('o-clean', 'clean', 'clean.csv').trimEnd()).toBe(csv(clean))
    expect(readdirSync(join(cwd, 'o-clean')).toSorted()).toEqual([
      'baseline',
      'clean',
      'dead-letter',
      'events.ndjson',
      'quarantine',
      'report.json',
      'report.txt',
    ])
  })

  describe('of poisoned files', () => {
    let ended: Ended
    beforeAll(async () => {
      ended = await taster(['inspect', 'poisoned.ndjson', ...trust, '--out', 'o-bad', '--json'], cwd)
    })

    it('ends with 1 and names the source and the pair', () => {
      expect(ended.code).toBe(1)
      expect(read('o-bad', 'report.txt')).toContain('source "mallory": "spam" labelled "ham"')
      expect(ended.err).toContain('quarantined poisoned.ndjson row')
    })

    it('gives programs one JSON document, words to people', () => {
      const report = JSON.parse(ended.out) as { counts: { read: number }; findings: unknown[] }
      expect(report.counts.read).toBe(1200)
      expect(report).toEqual(JSON.parse(read('o-bad', 'report.json')))
      expect(ended.err).toContain('FLAGGED')
    })

    it('audits batch tests where it is asked to, and is the same otherwise', async () => {
      const args = ['inspect', 'poisoned.ndjson', ...judged, '--out', 'o-audit', '--fdr', '0.05', '--json']
      const audited = JSON.parse((await taster(args, cwd)).out) as {
        readonly findings: unknown
        readonly audit: { readonly tests: number; readonly procedures: readonly { readonly discoveries: number }[] }
      }
      const report = JSON.parse(ended.out) as { readonly findings: unknown; readonly audit: unknown }
      expect(report.audit).toBeNull()
      expect(audited.findings).toEqual(report.findings)
      expect(audited.audit.tests).toBeGreaterThan(12)
      for (const { discoveries } of audited.audit.procedures) expect(discoveries).toBeGreaterThan(0)
      expect(read('o-audit', 'report.txt')).toMatch(/Audit\n {2}\d+ tests of single batches/)
    })

    it('has every row in one folder, as it came', () => {
      const lines = ['clean', 'quarantine'].flatMap((where) =>
        read('o-bad', where, 'poisoned.ndjson').split('\n').filter(Boolean),
      )
      expect(lines.toSorted()).toEqual(ndjson(poisoned).split('\n').filter(Boolean).toSorted())
    })

    it('and judged again by the baseline that was fitted, in the same way', async () => {
      // encoder and detectors are those of the baseline
      const args = ['inspect', 'poisoned.ndjson', '--baseline', 'o-bad/baseline', ...columns.slice(0, -2)]
      const again = await taster([...args, '--out', 'o-again', '--json'], cwd)
      expect(again.code).toBe(1)
      expect((JSON.parse(again.out) as { findings: unknown }).findings).toEqual(
        (JSON.parse(ended.out) as { findings: unknown }).findings,
      )
      expect(read('o-again', 'events.ndjson')).toBe(read('o-bad', 'events.ndjson'))
    })

    it('is refused by a baseline of another encoder', async () => {
      const other = [...columns.slice(0, -1), 'text-glove']
      const { code, err } = await taster(
        ['inspect', 'clean.csv', '-b', 'o-bad/baseline', ...other, '-o', 'o-other'],
        cwd,
      )
      expect(code).toBe(2)
      expect(err).toContain('the baseline was fitted with encoder text-hash, and the pipeline names')
      expect(err).toContain('BASELINE_MISMATCH')
    })
  })

  it('diverts what it cannot read, and says how much of what', async () => {
    const rows = clean
      .slice(0, 100)
      .map((mail, i) => JSON.stringify(i % 10 === 0 ? { ...mail, label: undefined } : mail))
    writeFileSync(
      join(cwd, 'torn.ndjson'),
      [...rows, '{"id": "x', '{"id": "\\u001b[31mred\\nid", "text": 7}', ''].join('\n'),
    )
    const { code, out } = await taster(['inspect', 'torn.ndjson', ...judged, '--out', 'o-torn'], cwd)
    expect(code).toBe(1)
    expect(out).toContain('11 × FIELD_MISSING (dead-letter)')
    expect(out).toContain('1 × BYTES_MALFORMED (dead-letter)')
    // eslint-disable-next-line no-control-regex -- that there is none is what is tested
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(read('o-torn', 'clean', 'torn.ndjson').trimEnd().split('\n')).toHaveLength(90)
  })

  it('reads standard input', async () => {
    const running = start(['inspect', '-', ...judged, '--out', 'o-stdin'], cwd)
    running.stdin.end(ndjson(clean))
    const { code, out } = await running.ended
    expect(out).toContain('CLEAN 600 records')
    expect(code).toBe(0)
  })

  it('finishes the batch in hand when it is interrupted, and says so', async () => {
    const running = start(['inspect', '-', ...judged, '--out', 'o-int', '--batch', '50'], cwd)
    // standard input stays open: only the signal can end this run
    running.stdin.write(ndjson(clean))
    await new Promise<void>((ready) =>
      running.stderr.on('data', (text: string) => {
        if (text.includes('judging')) ready()
      }),
    )
    running.kill('SIGINT')
    const { code, out } = await running.ended
    expect(code).toBe(130)
    expect(out).toContain('INTERRUPTED after')
    expect(existsSync(join(cwd, 'o-int', 'report.txt'))).toBe(true)
  })

  it.each([
    ['nothing to judge by', ['clean.csv', ...columns], '--trusted or --baseline'],
    ['no content', ['clean.csv', '--trusted', 'approved.ndjson'], 'one of --text'],
    ['no such file', ['none.csv', ...judged], 'no file or folder none.csv'],
    ['a column that is not there', ['clean.csv', ...trust, '--text', 'txt'], "Did you mean 'text'?"],
    ['an output folder in use', ['clean.csv', ...judged, '--out', '.'], '--force'],
    ['too few trusted records', ['clean.csv', ...columns, '--trusted', 'few.ndjson'], 'TRUSTED_TOO_SMALL'],
  ])('%s ends with 2, says what to do, and leaves nothing behind', async (_, args, message) => {
    writeFileSync(join(cwd, 'few.ndjson'), ndjson(clean.slice(0, 50)))
    const { code, out, err } = await taster(['inspect', '--out', 'o-none', ...args], cwd)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
    expect(existsSync(join(cwd, 'o-none', 'clean'))).toBe(false)
  })

  it('writes over an earlier run only when told to', async () => {
    const args = ['inspect', 'clean.csv', ...judged, '--out', 'o-twice']
    mkdirSync(join(cwd, 'o-twice', 'clean'), { recursive: true })
    writeFileSync(join(cwd, 'o-twice', 'clean', 'old.csv'), 'old')
    expect((await taster(args, cwd)).code).toBe(2)
    expect((await taster([...args, '--force'], cwd)).code).toBe(0)
    expect(readdirSync(join(cwd, 'o-twice', 'clean'))).toEqual(['clean.csv'])
  })
})
