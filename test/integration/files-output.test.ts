import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSink } from '../../src/files/sink.ts'
import { random } from '../../src/stats/random.ts'
import { fresh, sortRows, write } from './sort-rows.ts'

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
