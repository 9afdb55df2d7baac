import { describe, expect, it } from 'vitest'
import { effective, type Setting } from '../../../src/engine/pipeline.ts'
import { fieldsOf } from '../../../src/engine/setup.ts'
import { minimal, parse, problemsOf } from './parse-pipeline.ts'

describe('a valid pipeline', () => {
  it('is filled with defaults', () => {
    const pipeline = parse(minimal)
    expect(pipeline.encoder).toEqual({ name: 'words', params: { dims: 100 } })
    expect(pipeline.budget).toEqual({ falseAlarms: 1, batches: 10_000 })
    expect(pipeline.policy).toEqual({
      onFinding: 'quarantine',
      granularity: 'batch',
      onError: 'quarantine',
      deadlineSeconds: 60,
    })
    expect(pipeline.input.batch.records).toBe(100)
    expect(pipeline.baseline).toEqual({ path: null, digest: null, trusted: [], seed: 1 })
    expect(pipeline.verify).toEqual({ sources: null, uniqueIds: false })
  })

  it('has every detector that can read the input where it names none', () => {
    expect(parse(minimal).detectors.map(({ name }) => name)).toEqual(['flood'])
    expect(parse(minimal.replace('body', 'body, label: y')).detectors).toEqual([
      { name: 'disagreement', params: { neighbours: 10 } },
      { name: 'flood', params: {} },
    ])
  })

  it('tells decode which columns are what', () => {
    const fields = (written: string, encode: string) =>
      fieldsOf(parse(`name: a\ninput: { fields: ${written} }\nencoder: { ${encode}: {} }`))
    expect(fields('{ text: [a, b], label: y, labelRequired: false }', 'words')).toEqual({
      label: 'y',
      labelRequired: false,
      content: { kind: 'text', columns: ['a', 'b'] },
    })
    expect(fields('{ vector: v, id: i, source: s, time: t }', 'numbers')).toEqual({
      id: 'i',
      source: 's',
      time: 't',
      labelRequired: false, // there is no column to require
      content: { kind: 'vector', column: 'v' },
    })
    expect(fields('{ vector: [a, b] }', 'numbers').content).toEqual({ kind: 'vector', columns: ['a', 'b'] })
    expect(fields('{ image: { column: p, height: 2, width: 3 } }', 'pixels').content).toEqual({
      kind: 'image',
      column: 'p',
      height: 2,
      width: 3,
      channels: 1,
    })
  })

  it('finds files from its own folder', () => {
    const { baseline } = parse(`${minimal}baseline: { trusted: [a.csv, /b.csv] }`)
    expect(baseline.trusted[0]).toMatch(/^\/.*\/folder\/a\.csv$/)
    expect(baseline.trusted[1]).toBe('/b.csv')
  })

  it('printed and read again is the same', () => {
    const pipeline = parse(
      `${minimal}verify: { uniqueIds: false }\nbudget: { per: 1000 batches }\nbaseline: { path: /b }`,
    )
    expect(parse(effective(pipeline))).toEqual(pipeline)
  })

  it('is changed by settings, which say where their faults are', () => {
    const records = (value: unknown): Setting => ({ path: ['input', 'batch', 'records'], value, where: '--batch' })
    expect(parse(minimal, [records(7)]).input.batch.records).toBe(7)
    expect(problemsOf(minimal, [records('many')])).toEqual([
      expect.objectContaining({ where: '--batch', message: 'input.batch.records is "many"' }),
    ])
  })
})
