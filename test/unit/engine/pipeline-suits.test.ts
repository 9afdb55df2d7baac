import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../src/baseline/manifest.ts'
import { TasterError } from '../../../src/core/errors.ts'
import { pipelineOf } from '../../../src/cli/settings.ts'
import { mustSuit } from '../../../src/engine/pipeline/suits.ts'

const pipeline = await pipelineOf({
  text: 'body',
  label: 'label',
  encoder: 'text-hash',
  detectors: 'class-shift,pair-flip',
})
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const manifest: Manifest = {
  format: 'taster-baseline/1',
  engine: '0.1.0',
  seed: 1,
  content: 'text',
  encoder: { name: 'text-hash', params: stored(pipeline.encoder.params), dims: 192, assets: null },
  labels: [],
  rows: [],
  neighbours: 0,
  duplicates: 0,
  sources: [],
  detectors: pipeline.detectors.map(({ name, params }) => ({
    name,
    params: stored(params),
    calibration: [],
    realised: [],
  })),
  off: [],
  warnings: [],
  parts: [],
}

function differences(changed: Partial<Manifest>): readonly string[] {
  try {
    mustSuit(pipeline, { ...manifest, ...changed }, 'approved')
  } catch (error) {
    if (error instanceof TasterError && error.code === 'BASELINE_MISMATCH')
      return error.problems.map(({ message }) => message)
    throw error
  }
  return []
}

describe('a baseline suits a pipeline', () => {
  it('that it was fitted for', () => {
    expect(differences({})).toEqual([])
  })

  it('where a detector that could not be fitted is off, which the report says', () => {
    const [first, ...others] = manifest.detectors
    expect(differences({ detectors: others, off: [{ name: first?.name ?? '', reason: 'too few' }] })).toEqual([])
  })

  it.each<[Partial<Manifest>, string]>([
    [{ content: 'image' }, 'the baseline was fitted to image, and the pipeline reads text'],
    [
      { encoder: { ...manifest.encoder, name: 'text-glove' } },
      'the baseline was fitted with encoder text-glove, and the pipeline names text-hash',
    ],
    [{ detectors: manifest.detectors.slice(1) }, 'the baseline was fitted without detector class-shift'],
    [
      { detectors: [...manifest.detectors, { name: 'trigger', params: {}, calibration: [], realised: [] }] },
      'the baseline has detector trigger, and the pipeline does not name it',
    ],
  ])('not where %j', (changed, message) => {
    expect(differences(changed)).toEqual([message])
  })

  it('not where parameters differ, of the encoder or of a detector', () => {
    expect(differences({ encoder: { ...manifest.encoder, params: { dims: 7 } } })).toEqual([
      expect.stringMatching(/^encoder text-hash was fitted with \{"dims":7\}, and the pipeline gives /),
    ])
    const [first, ...others] = manifest.detectors
    const changed = { name: first?.name ?? '', params: { shrinkage: 0.9 }, calibration: [], realised: [] }
    expect(differences({ detectors: [changed, ...others] })).toEqual([
      expect.stringMatching(/^detector class-shift was fitted with \{"shrinkage":0.9\}, and the pipeline gives /),
    ])
  })
})

describe('a baseline of tables suits a pipeline', () => {
  const problems = async (numeric: string, category: string) => {
    const table = await pipelineOf({ numeric, category, encoder: 'row-columns', detectors: 'trigger', label: 'risk' })
    const fitted: Manifest = {
      ...manifest,
      content: 'row',
      encoder: { ...manifest.encoder, name: 'row-columns', params: stored(table.encoder.params) },
      columns: { numeric: ['age', 'income'], category: ['city'] },
      detectors: table.detectors.map(({ name, params }) => ({
        name,
        params: stored(params),
        calibration: [],
        realised: [],
      })),
    }
    try {
      mustSuit(table, fitted, 'approved')
    } catch (error) {
      if (error instanceof TasterError && error.code === 'BASELINE_MISMATCH') return error.problems
      throw error
    }
    return []
  }

  it('that names its columns, in any order', async () => {
    expect(await problems('income,age', 'city')).toEqual([])
  })

  it('not one with a mistyped column, and says which was meant', async () => {
    expect(await problems('age,incme', 'city')).toEqual([
      {
        where: 'input.fields.row.numeric (--numeric)',
        message: "the baseline was fitted without numeric column 'incme'",
        remedy: 'did you mean income? fitted: age, income',
      },
    ])
  })

  it('not one that lacks a column, or reads it as another kind', async () => {
    expect((await problems('age', 'city')).map(({ message }) => message)).toEqual([
      "the baseline was fitted with numeric column 'income', and the pipeline does not name it",
    ])
    expect((await problems('age', 'city,income')).map(({ remedy }) => remedy)).toContain(
      'it was fitted with it among the numeric columns: name it there (--numeric)',
    )
  })
})
