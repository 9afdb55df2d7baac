import { describe, expect, it } from 'vitest'
import { fitBaseline, type FitInput, type FitStep } from '../../../src/baseline/fit.ts'
import { select } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import { liveTensors } from '../../../src/tensor/backend.ts'
import { gaussianRecords } from './gaussian-records.ts'

const fit = (change: Partial<FitInput> = {}) =>
  fitBaseline({
    records: gaussianRecords(400),
    encoder: { name: 'vector', params: {} },
    detectors: new Map([
      ['novel-label', {}],
      ['label-disagreement', {}],
    ]),
    seed: 1,
    engineVersion: '0.0.0-test',
    ...change,
  })

describe('fitBaseline', () => {
  it('fits, calibrates and validates on parts that do not meet', async () => {
    const { manifest, encoding, detectors, sources } = await fit()
    expect(manifest.rows).toEqual([
      { label: 'a', reference: 100, calibration: 60, validation: 40 },
      { label: 'b', reference: 100, calibration: 60, validation: 40 },
    ])
    expect(manifest).toMatchObject({
      format: 'taster-baseline/1',
      engine: '0.0.0-test',
      content: 'vector',
      encoder: { name: 'vector', dims: 8, assets: null },
      labels: ['a', 'b'],
      neighbours: 200,
      duplicates: 0,
      off: [],
    })
    expect(sources).toEqual(['source 0', 'source 1', 'source 2'])
    expect(encoding.reference.vectors.rows).toBe(200)
    expect(detectors.map(({ name }) => name)).toEqual(['label-disagreement', 'novel-label'])
    expect(detectors[0]?.calibration.scores.map(({ length }) => length)).toEqual([60, 60])
    const [disagreement] = manifest.detectors
    expect(disagreement?.realised[0]).toMatchObject({ alpha: 0.01, unit: 'records', trials: 80 })
    expect(disagreement?.calibration[0]).toMatchObject({ label: 'a', size: null, values: 60 })
    expect(manifest.warnings).toContainEqual(expect.stringContaining('fewer than 2000 trusted records'))
    expect(manifest.warnings).toContainEqual(expect.stringContaining('validation data are too few'))
  })

  it('makes the same baseline of the same input, digest included, and leaves nothing on the device', async () => {
    const first = await fit()
    const tensors = liveTensors()
    const second = await fit()
    expect(second.digest).toBe(first.digest)
    expect(second.manifest).toEqual(first.manifest)
    expect(liveTensors()).toBe(tensors)
    expect((await fit({ seed: 2 })).digest).not.toBe(first.digest)
    const changed = gaussianRecords(400)
    if (changed.content.kind === 'vector') changed.content.vectors.data[0] = 0.5
    expect((await fit({ records: changed })).digest).not.toBe(first.digest)
  })

  it('takes every detector that reads the content where none is named, and tells its steps', async () => {
    const steps: FitStep[] = []
    const baseline = await fitBaseline({
      records: gaussianRecords(400),
      encoder: { name: 'vector', params: {} },
      seed: 1,
      engineVersion: '0.0.0-test',
      onProgress: (step) => steps.push(step),
    })
    const named = [...baseline.manifest.detectors, ...baseline.manifest.off].map(({ name }) => name)
    expect(named).toContain('label-disagreement')
    expect(new Set(named).size).toBe(named.length)
    expect(steps.map(({ done }) => done)).toEqual(steps.map((_, i) => i))
    expect(steps.at(-1)).toMatchObject({ text: 'done', done: steps.at(-1)?.total })
  })

  it('switches off, with the reason, what the trusted data cannot feed', async () => {
    const records = gaussianRecords(400)
    const unlabelled = { ...records, label: column(Array<undefined>(400).fill(undefined)) }
    const { manifest, detectors, encoding } = await fit({ records: unlabelled })
    expect(detectors).toEqual([])
    expect(manifest.off).toEqual([
      { name: 'label-disagreement', reason: 'it needs labels, and no trusted record has one' },
      { name: 'novel-label', reason: 'it needs labels, and no trusted record has one' },
    ])
    expect(manifest.rows).toEqual([{ label: null, reference: 200, calibration: 120, validation: 80 }])
    expect(encoding.labels).toEqual([])
    const one = await fit({ records: gaussianRecords(200, { labels: 1 }) })
    expect(one.manifest.off.map(({ name }) => name)).toEqual(['label-disagreement'])
    const many = await fit({ records: gaussianRecords(120, { labels: 24, dims: 24 }) })
    expect(many.manifest.off).toContainEqual({
      name: 'label-disagreement',
      reason: expect.stringMatching(
        /^it needs 20 reference records of a label, and there are fewer of each: "a" \(\d\)/,
      ),
    })
  })

  it('finds neighbours among other contents only, however often a record is repeated', async () => {
    const records = gaussianRecords(200)
    const repeated = select(
      records,
      Int32Array.from({ length: 400 }, (_, i) => i % 200),
    )
    const { manifest, encoding } = await fit({ records: repeated })
    expect(manifest.duplicates).toBe(400)
    expect(manifest.neighbours).toBe(100)
    expect(new Set(encoding.reference.row).size).toBe(100)
    expect(manifest.rows.reduce((sum, row) => sum + row.reference, 0)).toBe(200)
  })

  it('takes labels and sources by any name', async () => {
    const base = gaussianRecords(400)
    const records = {
      ...base,
      label: { ...base.label, values: ['__proto__', 'constructor'] },
      source: { ...base.source, values: ['', '\u001b[31m', 'toString'] },
    }
    const { manifest } = await fit({ records })
    expect(manifest.labels).toEqual(['__proto__', 'constructor'])
    expect(manifest.sources).toEqual(['', '\u001b[31m', 'toString'])
  })

  it('refuses what cannot be a baseline', async () => {
    await expect(fit({ records: gaussianRecords(99) })).rejects.toMatchObject({ code: 'TRUSTED_TOO_SMALL' })
    await expect(fit({ encoder: { name: 'nothing', params: {} } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(fit({ encoder: { name: 'text-hash', params: {} } })).rejects.toThrow(/reads text.*choose vector/)
    const same = select(gaussianRecords(2), new Int32Array(200))
    await expect(fit({ records: same })).rejects.toMatchObject({ code: 'TRUSTED_TOO_SMALL' })
    await expect(fit({ encoder: { name: 'vector', params: { dims: 0 } } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    await expect(fit({ detectors: new Map([['nothing', {}]]) })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('a detector that has to be told records', () => {
  const ids = Array.from({ length: 40 }, (_, i) => `r${10 * i}`)
  const asked = (params: object) => fit({ detectors: new Map([['protected-inputs', params]]) })

  it('is fitted to them, whichever split they are in', async () => {
    const { detectors, manifest } = await asked({ ids, cosine: 0.999 })
    expect(manifest.off).toEqual([])
    const fitted = detectors[0]?.fitted as { protected: { ids: string[] } } | undefined
    expect(fitted?.protected.ids.toSorted()).toEqual(ids.toSorted())
  })

  it('is off, by name, where no trusted record is meant', async () => {
    const { manifest } = await asked({ ids: ['r10', 'nobody'] })
    expect(manifest.off).toEqual([{ name: 'protected-inputs', reason: 'no trusted record has the id "nobody"' }])
  })

  it('is not among those that run unasked', async () => {
    const { manifest } = await fitBaseline({
      records: gaussianRecords(400),
      encoder: { name: 'vector', params: {} },
      seed: 1,
      engineVersion: '0.0.0-test',
    })
    const named = [...manifest.detectors, ...manifest.off].map(({ name }) => name)
    expect(named).toContain('label-prior')
    expect(named).not.toContain('protected-inputs')
  })
})
