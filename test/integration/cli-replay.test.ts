import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, columns, folder, mails, ndjson, taster, type Ended, type Made } from './taster.ts'

const cwd = folder()
const read = (path: string) => readFileSync(join(cwd, path), 'utf8')
/** After 400 records a new source sends spam that it calls ham. */
const flip = (mail: Made): Made => {
  const place = Number(mail.id.slice(1))
  return place > 400 && place % 4 === 0 ? { ...mail, source: 'mallory', label: 'ham' } : mail
}
const pipeline = {
  name: 'mail',
  input: { fields: { id: 'id', source: 'source', label: 'label', text: 'text' } },
  encoder: { 'text-hash': {} },
  baseline: { path: 'approved' },
}
const write = (path: string, document: object) => writeFileSync(join(cwd, path), JSON.stringify(document))
const replay = (...args: string[]) => taster(['replay', ...args], cwd)

beforeAll(async () => {
  build()
  writeFileSync(join(cwd, 'approved.ndjson'), ndjson(mails(3000, 1)))
  writeFileSync(join(cwd, 'poisoned.ndjson'), ndjson(mails(1200, 3, flip)))
  write('mail.yaml', pipeline)
  write('record.yaml', { ...pipeline, policy: { granularity: 'record' } })
  write('wider.yaml', { ...pipeline, input: { fields: { ...pipeline.input.fields, text: ['source', 'text'] } } })
  const fitted = await taster(['baseline', 'fit', 'approved.ndjson', ...columns, '--out', 'approved'], cwd)
  if (fitted.code !== 0) throw new Error(fitted.err)
})

describe('taster replay of files', () => {
  let ended: Ended
  beforeAll(async () => {
    const args = ['poisoned.ndjson', '-p', 'mail.yaml', '--policy', 'record.yaml', '--changes', 'changed.ndjson']
    ended = await replay(...args, '--json')
  })

  it('counts what would be different, as two runs of inspect do', async () => {
    const result = JSON.parse(ended.out) as {
      readonly current: { readonly counts: object; readonly alarms: number }
      readonly other: { readonly counts: object; readonly alarms: number }
      readonly changed: readonly { readonly from: string; readonly to: string; readonly records: number }[]
    }
    const inspected = async (file: string, out: string) =>
      JSON.parse((await taster(['inspect', 'poisoned.ndjson', '-p', file, '--out', out, '--json'], cwd)).out) as {
        readonly counts: object
        readonly findings: readonly object[]
      }
    const [by, otherBy] = [await inspected('mail.yaml', 'o-batch'), await inspected('record.yaml', 'o-record')]
    expect(result.current).toMatchObject({ counts: by.counts, alarms: by.findings.length })
    expect(result.other).toMatchObject({ counts: otherBy.counts, alarms: otherBy.findings.length })
    expect(result.changed).toEqual([{ from: 'quarantine', to: 'pass', records: expect.any(Number) as number }])
    expect(ended.code).toBe(1)
  })

  it('names every record that would be judged otherwise', () => {
    const { changed } = JSON.parse(ended.out) as { readonly changed: readonly { readonly records: number }[] }
    const lines = read('changed.ndjson').trimEnd().split('\n')
    expect(lines).toHaveLength(changed[0]?.records ?? 0)
    const [first] = lines.map((line) => JSON.parse(line) as { readonly id: string; readonly reason: string })
    expect(first).toMatchObject({
      id: expect.stringMatching(/^m\d+$/) as string,
      where: expect.stringMatching(/^poisoned\.ndjson row \d/) as string,
      from: 'quarantine',
      to: 'pass',
    })
    expect(first?.reason).toContain('mallory')
  })

  it('says it in words', () => {
    expect(ended.err).toMatch(/DIFFERENT \d+ of 1,200 records would be judged otherwise/)
    expect(ended.err).toMatch(/queue for review +[\d,]+ \(\d.*%\) +[\d,]+ \(\d.*%\)/)
    expect(ended.err).toMatch(/\d+ records: held back now, passed then/)
    expect(ended.err).toContain('all of them: changed.ndjson')
  })

  it('finds no difference where there is none', async () => {
    const { code, out } = await replay('poisoned.ndjson', '-p', 'mail.yaml', '--budget', '1 per 10000 batches')
    expect(out).toMatch(/NO DIFFERENCE every one of 1,200 records would be judged alike/)
    expect(code).toBe(0)
  })
})

describe('taster replay refuses', () => {
  const mistakes: readonly (readonly [what: string, args: string[], says: RegExp])[] = [
    ['nothing to try', ['poisoned.ndjson', '-p', 'mail.yaml'], /There is nothing to try/],
    ['another input', ['poisoned.ndjson', '-p', 'mail.yaml', '--policy', 'wider.yaml'], /do not read the same records/],
    ['standard input', ['-', '-p', 'mail.yaml', '--granularity', 'record'], /reads its input twice/],
    ['no input', ['-p', 'mail.yaml', '--granularity', 'record'], /names no input\.topic, and no path is given/],
    ['no pipeline', ['poisoned.ndjson', '--granularity', 'record'], /required option '-p, --pipeline <file>'/],
    [
      'a file that is there',
      ['poisoned.ndjson', '-p', 'mail.yaml', '--granularity', 'record', '--changes', 'mail.yaml'],
      /written to mail\.yaml: it is there already/,
    ],
    ['no such folder', ['nowhere', '-p', 'mail.yaml', '--granularity', 'record'], /nowhere/],
  ]
  it.each(mistakes)('%s', async (_, args, says) => {
    const { code, err } = await replay(...args)
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(says)
    expect(code).toBe(2)
  })
})
