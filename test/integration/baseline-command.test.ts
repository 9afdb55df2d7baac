import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { baselineCommand } from '../../src/cli/baseline.ts'
import { normal, random } from '../../src/stats/random.ts'

const root = mkdtempSync(join(tmpdir(), 'taster-command-'))
const csv = join(root, 'approved.csv')
const stored = join(root, 'stored')
const columns = ['--numeric', 'x,y', '--label', 'label', '--source', 'source', '--id', 'id']
const fast = ['--detectors', 'label-disagreement,novel-label']

/** What a command wrote, and how it would have exited. */
async function taster(...words: readonly string[]) {
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text)
      return true
    })
  }
  process.exitCode = undefined
  try {
    const error: unknown = await new Command('taster')
      .addCommand(baselineCommand())
      .parseAsync(['node', 'taster', 'baseline', ...words])
      .then(
        () => undefined,
        (reason: unknown) => reason,
      )
    return { ...written, error, exitCode: process.exitCode as number | undefined }
  } finally {
    process.exitCode = undefined
    vi.restoreAllMocks()
  }
}

beforeAll(async () => {
  const uniform = random(1)
  const rows = Array.from({ length: 400 }, (_, i) => {
    const label = i % 2 === 0 ? 'good' : '"\u001b[31mbad"'
    const [x, y] = [normal(uniform) + (i % 2) * 4, normal(uniform)]
    return `r${i},${x.toFixed(6)},${y.toFixed(6)},${label},vendor ${i % 3}`
  })
  writeFileSync(csv, `id,x,y,label,source\n${rows.join('\n')}\n`)
  const { error } = await taster('fit', csv, ...columns, ...fast, '--out', stored)
  if (error !== undefined) throw error
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => rmSync(root, { recursive: true }))

describe('taster baseline fit', () => {
  it('shows what it made; the same again makes the same', async () => {
    const again = await taster('fit', csv, ...columns, ...fast, '--out', stored, '--json')
    expect(again.error).toBeUndefined()
    const { digest, folder, manifest } = JSON.parse(again.stdout) as {
      digest: string
      folder: string
      manifest: { rows: unknown[] }
    }
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(folder).toBe(stored)
    expect(manifest.rows).toHaveLength(2)
    expect(again.stderr).toContain('calibrating label-disagreement')
  })

  it('does not overwrite another baseline without leave', async () => {
    const other = join(root, 'other')
    expect((await taster('fit', csv, ...columns, ...fast, '--out', other)).error).toBeUndefined()
    const refused = await taster('fit', csv, ...columns, ...fast, '--seed', '2', '--out', other)
    expect(refused.error).toMatchObject({ code: 'BASELINE_MISMATCH' })
    const forced = await taster('fit', csv, ...columns, ...fast, '--seed', '2', '--out', other, '--force', '--json')
    expect(forced.error).toBeUndefined()
    expect(forced.stdout).toContain('"seed": 2')
  })

  it('stops at rows that cannot be read, naming the first, unless they may be left out', async () => {
    const broken = join(root, 'broken.csv')
    writeFileSync(broken, readFileSync(csv, 'utf8'))
    appendFileSync(broken, 'r400,not a number,1,good,v\nr401,1,2\n'.repeat(4))
    const stopped = await taster('fit', broken, ...columns, ...fast, '--out', join(root, 'never'))
    expect(stopped.error).toMatchObject({ code: 'TRUSTED_UNREADABLE' })
    expect((stopped.error as { problems: unknown[] }).problems).toHaveLength(5)
    const skipped = await taster(
      'fit',
      broken,
      ...columns,
      ...fast,
      '--out',
      join(root, 'mended'),
      '--skip-undecodable',
    )
    expect(skipped.error).toBeUndefined()
    expect(skipped.stderr).toContain('8 trusted rows could not be read')
    expect(skipped.stdout).toContain('400 trusted records')
  })

  it('says what is missing', async () => {
    expect((await taster('fit', csv, ...columns)).error).toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ where: '--out' }],
    })
    expect((await taster('fit', ...columns, '--out', join(root, 'never'))).error).toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ where: 'paths' }],
    })
    expect((await taster('fit', join(root, 'no.csv'), ...columns, '--out', join(root, 'never'))).error).toMatchObject({
      code: 'INPUT_NOT_FOUND',
    })
  })
})

describe('taster baseline show', () => {
  it('prints rows, calibration, realised rates with their intervals, and warnings; nothing acts on the terminal', async () => {
    const { stdout, error } = await taster('show', stored)
    expect(error).toBeUndefined()
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('"\\e[31mbad"')
    expect(stdout).toMatch(/"good" +100 +60 +40 +200/)
    expect(stdout).toMatch(/label-disagreement +"good" +records +60 +[\d.]+ +[\d.]+/)
    expect(stdout).toMatch(/label-disagreement +1 % +records +\d+ +80 +[\d.]+ % +[\d.]+ % to [\d.]+ %/)
    expect(stdout).toContain('fewer than 2000 trusted records')
    expect(stdout.split('\n').every((line) => line.length <= 130)).toBe(true)
  })

  it('is one document with --json', async () => {
    const { stdout } = await taster('show', stored, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ manifest: { format: 'taster-baseline/1', off: [] } })
  })
})

describe('taster baseline verify', () => {
  it('ends with 0 where every byte is right, and with 2 where one is not or another digest is pinned', async () => {
    const good = await taster('verify', stored)
    expect([good.exitCode, good.error]).toEqual([0, undefined])
    expect(good.stdout).toMatch(/^valid .* is sha256:/)

    const other = await taster('verify', stored, '--digest', `sha256:${'0'.repeat(64)}`)
    expect(other.exitCode).toBe(2)
    expect(other.error).toMatchObject({ code: 'BASELINE_CORRUPT', problems: [expect.anything()] })

    const copy = join(root, 'flipped')
    await taster('fit', csv, ...columns, ...fast, '--out', copy)
    const bytes = readFileSync(join(copy, 'reference.bin'))
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(join(copy, 'reference.bin'), bytes)
    const flipped = await taster('verify', copy, '--json')
    expect(flipped.exitCode).toBe(2)
    expect(JSON.parse(flipped.stdout)).toMatchObject({
      valid: false,
      problems: [{ where: join(copy, 'reference.bin') }],
    })
  })

  it('says where there is no baseline', async () => {
    expect((await taster('verify', join(root, 'nowhere'))).error).toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })
})
