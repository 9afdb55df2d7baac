import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, columns, folder, mails, ndjson, taster } from './taster.ts'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const at = folder()
const judged = (out: string, ...more: string[]) => ['inspect', ...more, '-b', 'base', '-o', out, ...columns]

beforeAll(async () => {
  build()
  writeFileSync(join(at, 'trusted.ndjson'), ndjson(mails(400, 1)))
  writeFileSync(join(at, 'new.ndjson'), ndjson(mails(100, 2)))
  const { code, err } = await taster(['baseline', 'fit', 'trusted.ndjson', '-o', 'base', ...columns], at)
  if (code !== 0) throw new Error(err)
})

describe('a run of the program', () => {
  it('on damaged gzip judges what came before, and says so', async () => {
    const bytes = Buffer.concat([gzipSync(ndjson(mails(100, 2))), Buffer.from('garbage')])
    writeFileSync(join(at, 'bad.ndjson.gz'), bytes)
    expect((await taster(judged('gz', 'bad.ndjson.gz'), at)).code).toBe(1)
    expect(readFileSync(join(at, 'gz/dead-letter/bad.ndjson.gz.original')).equals(bytes)).toBe(true)
    const piped = spawnSync(process.execPath, [main, ...judged('gz-stdin', '-')], { cwd: at, input: bytes })
    expect(piped.status).toBe(1)
    const trusted = await taster(['baseline', 'fit', 'bad.ndjson.gz', '-o', 'no', ...columns], at)
    expect(trusted.code).toBe(2)
    expect(trusted.err).toContain('gzip')
  })

  it.each([
    ['a folder', at],
    ['the null device', '/dev/null'],
  ])('that is given %s as standard input stops', (_, path) => {
    const input = openSync(path, 'r')
    const options = { cwd: at, stdio: [input, 'pipe', 'pipe'] as ('pipe' | number)[], encoding: 'utf8' as const }
    const { status, stderr } = spawnSync(process.execPath, [main, ...judged('nothing', '-')], options)
    expect(status).toBe(2)
    expect(stderr).toMatch(/Standard input/)
    expect(stderr).not.toMatch(/fault of Taster/)
  })

  it.skipIf(!existsSync('/dev/full'))('that cannot write to stdout says so in one line', () => {
    const options = { cwd: at, stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] as ('ignore' | 'pipe' | number)[] }
    const args = [main, ...judged('full', 'new.ndjson'), '--json']
    const { status, stderr } = spawnSync(process.execPath, args, { ...options, encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr.match(/Cannot write to stdout/g)).toHaveLength(1)
    expect(stderr).not.toMatch(/^ +at .*:\d+:\d+/m)
  })

  it('may not put its output in the baseline', async () => {
    const before = readdirSync(join(at, 'base'))
    const { code, err } = await taster([...judged('base', 'new.ndjson'), '--force'], at)
    expect(code).toBe(2)
    expect(err).toMatch(/lies in the\s+baseline/)
    expect(readdirSync(join(at, 'base'))).toEqual(before)
  })

  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'whose disk is full leaves what an earlier run wrote, reports and all',
    async () => {
      const disk = folder()
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk], { stdio: 'ignore' })
      } catch {
        return console.warn('skipped: no mount here')
      }
      try {
        const out = join(disk, 'out')
        writeFileSync(join(at, 'few.ndjson'), ndjson(mails(20, 3)))
        expect((await taster(judged(out, 'few.ndjson'), at)).code).toBeLessThan(2)
        const report = readFileSync(join(out, 'report.json'))
        writeFileSync(join(at, 'many.ndjson'), ndjson(mails(3000, 4)))
        expect((await taster([...judged(out, 'many.ndjson'), '--force'], at)).code).toBe(2)
        expect(readFileSync(join(out, 'report.json')).equals(report)).toBe(true)
        expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([])
        expect(existsSync(join(out, 'clean/few.ndjson')) || existsSync(join(out, 'quarantine/few.ndjson'))).toBe(true)
      } finally {
        execFileSync('umount', [disk])
      }
    },
  )
})
