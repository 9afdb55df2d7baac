import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listInputs } from '../../../src/files/inputs.ts'

describe('listInputs', () => {
  let folder = ''
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'taster-inputs-'))
    for (const name of ['in/b', 'in/a', 'in/.git', 'else']) mkdirSync(join(folder, name), { recursive: true })
    for (const name of [
      'in/b/z.csv',
      'in/a/y.JSONL.gz',
      'in/x.txt',
      'in/.git/h.json',
      'in/q.reasons.ndjson',
      'else/s.csv',
    ])
      writeFileSync(join(folder, name), 'x')
    symlinkSync(join(folder, 'else/s.csv'), join(folder, 'in/out.csv'))
    symlinkSync(join(folder, 'in/b/z.csv'), join(folder, 'in/inside.csv'))
    symlinkSync(join(folder, 'in'), join(folder, 'in/a/circle'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'in/dangling.csv'))
  })

  it('walks folders in order and lists what it leaves out', () => {
    const { inputs, skipped } = listInputs([join(folder, 'in')], false)
    expect(inputs.map(({ name }) => name)).toEqual(['a/y.JSONL.gz', 'b/z.csv', 'inside.csv'])
    expect(skipped.map(({ path }) => path.slice(folder.length + 4)).toSorted()).toEqual([
      '.git',
      'a/circle',
      'dangling.csv',
      'out.csv',
      'q.reasons.ndjson',
      'x.txt',
    ])
  })

  it('names a single file by itself, and several from where their paths part', () => {
    const names = (...paths: string[]) =>
      listInputs(
        paths.map((path) => join(folder, path)),
        false,
      ).inputs.map(({ name }) => name)
    expect(names('in/b/z.csv')).toEqual(['z.csv'])
    expect(names('in/b/z.csv', 'else/s.csv', 'in/b/z.csv')).toEqual(['in/b/z.csv', 'else/s.csv'])
    expect(names('in/b', 'in/b/z.csv')).toEqual(['z.csv'])
  })

  it('takes files of any name where the format is given', () => {
    expect(listInputs([join(folder, 'in/x.txt')], true).inputs).toHaveLength(1)
    expect(() => listInputs([join(folder, 'in/x.txt')], false)).toThrow(
      expect.objectContaining({ code: 'INPUT_UNSUPPORTED' }),
    )
    expect(() => listInputs([join(folder, 'none')], false)).toThrow(
      expect.objectContaining({ code: 'INPUT_NOT_FOUND' }),
    )
  })
})
