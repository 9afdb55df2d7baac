import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, columns, folder, mails, ndjson, taster, type Ended } from './taster.ts'

const cwd = folder()
const key = 'a key of sixteen bytes'
const pipeline = {
  name: 'mail',
  input: { fields: { id: 'id', source: 'source', label: 'label', text: 'text' }, batch: { records: 50 } },
  encoder: { 'text-hash': {} },
  baseline: { path: 'approved' },
}
const canary = (...args: string[]) => taster(['canary', ...args], cwd, { TASTER_CANARY_KEY: key })
const streamOf = (path: string) => readFileSync(join(cwd, path), 'utf8')

interface Result {
  readonly stream: { readonly records: number; readonly batches: number }
  readonly cutOff: number
  readonly attacks: readonly {
    readonly attack: string
    readonly trials: number
    readonly caught: number
    readonly recall: { readonly value: number | null; readonly lower: number; readonly upper: number }
    readonly records: { readonly median: number | null }
    readonly detectors: readonly { readonly detector: string }[]
    readonly alwaysFire: { readonly records: { readonly median: number | null } }
  }[]
}

beforeAll(async () => {
  build()
  writeFileSync(join(cwd, 'approved.ndjson'), ndjson(mails(3000, 1)))
  writeFileSync(join(cwd, 'stream.ndjson'), ndjson(mails(6000, 3)))
  writeFileSync(join(cwd, 'mail.yaml'), JSON.stringify(pipeline))
  const fitted = await taster(['baseline', 'fit', 'approved.ndjson', ...columns, '--out', 'approved'], cwd)
  if (fitted.code !== 0) throw new Error(fitted.err)
})

describe('taster canary of files', () => {
  const wanted = ['--attack', 'source-flips,trigger-word', '--rate', '.06', '--batches', '20']
  let before: string
  let ended: Ended
  let result: Result
  beforeAll(async () => {
    before = streamOf('stream.ndjson')
    ended = await canary('stream.ndjson', '-p', 'mail.yaml', ...wanted, '--json')
    result = JSON.parse(ended.out) as Result
  })

  it('tells how much of which attack is caught, and how soon', () => {
    expect(ended.code).toBe(0)
    expect(result.stream).toMatchObject({ records: 6000, batches: 120 })
    expect(result.attacks.map(({ attack }) => attack)).toEqual(['source-flips', 'trigger-word'])
    for (const { trials, caught, recall, records, alwaysFire } of result.attacks) {
      expect(trials).toBeGreaterThan(2)
      expect(caught).toBeGreaterThan(trials / 2)
      expect(recall.value).toBe(caught / trials)
      expect(recall.lower).toBeLessThan(caught / trials)
      expect(alwaysFire.records.median ?? 0).toBeLessThanOrEqual(records.median ?? 0)
    }
    const [flips, word] = result.attacks
    expect(flips?.detectors.map(({ detector }) => detector)).toContain('pair-flip')
    expect(word?.detectors.map(({ detector }) => detector)).toContain('trigger')
  })

  it('says it in words', () => {
    expect(ended.err).toMatch(/\d+ OF \d+ CAUGHT 6 % of records poisoned, for 20 batches at most/)
    expect(ended.err).toMatch(/source-flips +\d+ +\d+ % \(\d+–100\)/)
    expect(ended.err).toMatch(/always firing +\d+ +100 % +0, 0/)
    expect(ended.err).toMatch(/Taster held back \d.* % \(\d+ of 6,000 records\)/)
  })

  it('does the same again with the same key, and never tells it', async () => {
    const again = await canary('stream.ndjson', '-p', 'mail.yaml', ...wanted, '--json')
    expect(JSON.parse(again.out)).toEqual(result)
    const other = await taster(['canary', 'stream.ndjson', '-p', 'mail.yaml', ...wanted, '--json'], cwd)
    expect(JSON.parse(other.out)).not.toEqual(result)
    expect(`${ended.out}${ended.err}`).not.toContain(key)
  })

  it('writes nothing', () => {
    expect(streamOf('stream.ndjson')).toBe(before)
    expect(readdirSync(cwd).toSorted()).toEqual(['approved', 'approved.ndjson', 'mail.yaml', 'stream.ndjson'])
  })

  it('says what is missing where nothing could be tried to its end', async () => {
    const { code, out } = await canary('stream.ndjson', '-p', 'mail.yaml', '--batches', '1000')
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(/NOTHING TRIED TO ITS END there were 120 batches.*smaller --batches/)
    expect(code).toBe(0)
  })
})

describe('taster canary refuses', () => {
  const mistakes: readonly (readonly [what: string, args: string[], says: RegExp])[] = [
    ['nothing', [], /Nothing says how records are judged/],
    [
      'files alone',
      ['stream.ndjson', 'approved.ndjson'],
      /give a pipeline to follow its topic, or files and --pipeline/,
    ],
    ['standard input', ['-', '-p', 'mail.yaml'], /reads files, not standard input/],
    ['no topic', ['mail.yaml'], /names no input\.topic, and no path is given/],
    [
      'an attack that is not there',
      ['stream.ndjson', '-p', 'mail.yaml', '--attack', 'trigger-wrd'],
      /no attack trigger-wrd.*did you mean trigger-word/,
    ],
    [
      'an attack on something else',
      ['stream.ndjson', '-p', 'mail.yaml', '--attack', 'image-patch'],
      /image-patch cannot be made of these records.*it poisons image/,
    ],
    ['a share of none', ['stream.ndjson', '-p', 'mail.yaml', '--rate', '0'], /--rate needs a share.*as 0\.05/],
    ['a share of more than all', ['stream.ndjson', '-p', 'mail.yaml', '--share', '1.5'], /--share needs a share/],
    ['no batches', ['stream.ndjson', '-p', 'mail.yaml', '--batches', '0'], /--batches needs a whole number/],
    ['no such folder', ['nowhere', '-p', 'mail.yaml'], /nowhere/],
  ]
  it.each(mistakes)('%s', async (_, args, says) => {
    const { code, err } = await canary(...args)
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(says)
    expect(code).toBe(2)
  })
})
