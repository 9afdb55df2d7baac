import { describe, expect, it } from 'vitest'
import { splitTrusted } from '../../../src/baseline/split.ts'
import { constantDimensions, duplicatesIn, rateWarnings, trustedWarnings } from '../../../src/baseline/warnings.ts'
import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import { gaussianRecords, texts } from './gaussian-records.ts'

const warnings = (records: Records) => trustedWarnings(records, splitTrusted(records, 1))

describe('trustedWarnings', () => {
  it('has nothing to say about plenty of good data', () => {
    expect(warnings(gaussianRecords(4000))).toEqual([])
  })

  it('names labels with too few records, the rarest first', () => {
    const names = Array.from({ length: 4000 }, (_, row) => (row < 7 ? 'rare' : 'plain'))
    const records = { ...gaussianRecords(4000), label: column(names) }
    expect(warnings(records)).toEqual([expect.stringMatching(/^fewer than 2000 trusted records of "rare" \(7\): /)])
  })

  it('counts records without a label, a source, or an id of their own', () => {
    const base = gaussianRecords(4400)
    const records = {
      ...base,
      id: base.id.with(1, 'r0'),
      label: { ...base.label, codes: base.label.codes.with(0, -1).with(1, -1) },
      source: { ...base.source, codes: base.source.codes.with(0, -1) },
    }
    expect(warnings(records)).toEqual([
      '2 of 4400 trusted records have no label: they serve no test of labels',
      '1 trusted records have an id that another one has',
      '1 of 4400 trusted records name no source: they serve no test of sources',
    ])
  })

  it('says what cannot be tested at all', () => {
    const blank = column(Array<undefined>(200).fill(undefined))
    expect(warnings({ ...gaussianRecords(200), label: blank, source: blank })).toEqual([
      'no trusted record has a label: nothing that concerns labels is tested',
      'no trusted record names its source: sources cannot be tested',
    ])
    expect(warnings(gaussianRecords(4000, { labels: 1 }))).toEqual(['all labels are "a": no label can disagree'])
  })

  it('names labels that one source alone has', () => {
    const base = gaussianRecords(4000)
    const source = column(Array.from(base.label.codes, (code, row) => (code === 0 ? 'list' : `host ${row % 3}`)))
    expect(warnings({ ...base, source })).toEqual([expect.stringContaining('"a" (only "list")')])
  })

  it('counts repeated contents, and those whose copies disagree', () => {
    const records = texts(...Array.from({ length: 4000 }, (_, row) => (row < 600 ? 'same' : `text ${row}`)))
    const label = column(Array.from({ length: 4000 }, (_, row) => (row === 3 ? 'b' : 'a')))
    expect(duplicatesIn(splitTrusted(records, 1))).toBe(600)
    expect(warnings({ ...records, label })).toEqual([
      expect.stringContaining('"b" (1)'),
      "15 % of trusted records repeat another's content (600 times at most)",
      'one content makes up 15 % of the trusted records: the split keeps it in one part',
      '1 contents have different labels in different trusted records',
    ])
  })

  it('names columns that carry nothing, or little', () => {
    const base = gaussianRecords(4000)
    const numbers = Float64Array.from({ length: 4000 }, (_, row) => row)
    const records: Records = {
      ...base,
      content: {
        kind: 'row',
        columns: new Map<string, Float64Array | ReturnType<typeof column>>([
          ['fine', numbers],
          ['one', new Float64Array(4000).fill(3)],
          ['empty', new Float64Array(4000).fill(NaN)],
          ['holes', numbers.map((x) => (x % 3 === 0 ? x : NaN))],
          ['word', column(Array<string>(4000).fill('x'))],
        ]),
      },
    }
    expect(warnings(records)).toEqual([
      'columns with one value only: "one", "empty", "word": they carry nothing',
      'columns that are missing in more than half of the records: "holes"',
    ])
  })
})

describe('constantDimensions', () => {
  it('counts dimensions that never vary', () => {
    expect(constantDimensions('vector', { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, 1, 5, 3) })).toEqual([
      "2 of the encoder's 3 dimensions are constant: they carry nothing",
    ])
    expect(constantDimensions('vector', { rows: 2, cols: 1, data: Float32Array.of(1, 2) })).toEqual([])
    expect(constantDimensions('row', { rows: 2, cols: 1, data: Float32Array.of(1, 1) })).toEqual([])
  })
})

describe('rateWarnings', () => {
  const at = (alarms: number, trials: number, lower: number, upper: number) =>
    ({ alpha: 0.01, unit: 'batches', records: 50, alarms, trials, lower, upper }) as const

  it('tells what validation leaves open, contradicts, or never tried', () => {
    expect(
      rateWarnings([
        { name: 'good', realised: [at(0, 500, 0, 0.007)] },
        { name: 'loose', realised: [at(0, 9, 0, 0.34)] },
        { name: 'wrong', realised: [at(9, 100, 0.04, 0.16)] },
        { name: 'none', realised: [at(0, 0, 0, 1)] },
      ]),
    ).toEqual([
      expect.stringMatching(/^wrong alarms too often on validation data: 9 of 100 batches/),
      'none: too few validation records for a single trial',
      expect.stringContaining('loose (9 batches: at most 34 %)'),
    ])
  })
})
