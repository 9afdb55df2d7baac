import { describe, expect, it } from 'vitest'
import type { Records } from '../../../src/core/batch.ts'
import { column } from '../../../src/core/column.ts'
import { splitTrusted } from '../../../src/baseline/split.ts'
import { gaussianRecords, texts } from './gaussian-records.ts'

const ofLabel = (records: Records, rows: Int32Array, label: string) =>
  [...rows].filter((row) => records.label.values[records.label.codes[row] ?? -1] === label).length

describe('splitTrusted', () => {
  it('puts every row in one part: half of each label in the reference, three tenths in calibration', () => {
    const records = gaussianRecords(1000, { labels: 4 })
    const { reference, calibration, validation } = splitTrusted(records, 7)
    expect([...reference, ...calibration, ...validation].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, row) => row),
    )
    for (const label of ['a', 'b', 'c', 'd']) {
      expect(ofLabel(records, reference, label)).toBe(125)
      expect(ofLabel(records, calibration, label)).toBe(75)
      expect(ofLabel(records, validation, label)).toBe(50)
    }
  })

  it('gives the same split for the same seed and another one for another', () => {
    const records = gaussianRecords(200)
    expect(splitTrusted(records, 3)).toEqual(splitTrusted(records, 3))
    expect(splitTrusted(records, 3).reference).not.toEqual(splitTrusted(records, 4).reference)
  })

  it('splits at random within the trusted period, not by time', () => {
    const { validation } = splitTrusted(gaussianRecords(1000), 1)
    const mean = validation.reduce((sum, row) => sum + row, 0) / validation.length
    expect(mean).toBeGreaterThan(400)
    expect(mean).toBeLessThan(600)
  })

  it('never lets records with the same content straddle parts', () => {
    const groups = 60
    const spelt = (g: number, copy: number) => (copy % 2 === 0 ? `Offer  NO ${g}\n` : `offer no ${g}`)
    const records = texts(...Array.from({ length: 300 }, (_, row) => spelt(row % groups, Math.floor(row / groups))))
    const { reference, calibration, validation, group } = splitTrusted(records, 5)
    expect(new Set(group).size).toBe(groups)
    const parts = [reference, calibration, validation].map((rows) => new Set([...rows].map((row) => row % groups)))
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(groups)
    expect(parts[0]?.size).toBe(30)
  })

  it('tells contents of every kind apart, missing values and empty texts too', () => {
    const base = texts('', '', '', '')
    const rows: Records = {
      ...base,
      content: {
        kind: 'row',
        columns: new Map<string, Float64Array | ReturnType<typeof column>>([
          ['x', Float64Array.of(1, 1, NaN, NaN)],
          ['k', column(['u', 'v', undefined, undefined])],
        ]),
      },
    }
    expect([...splitTrusted(rows, 1).group]).toEqual([0, 1, 2, 2])
    const pixels = Uint8Array.of(0, 255, 0, 255, 0, 254, 0, 255)
    const images: Records = { ...base, content: { kind: 'image', height: 1, width: 2, channels: 1, pixels } }
    expect([...splitTrusted(images, 1).group]).toEqual([0, 0, 1, 0])
    const data = Float32Array.of(1, 2, 1, 2, 1, 3, 2, 1)
    const vectors: Records = { ...base, content: { kind: 'vector', vectors: { rows: 4, cols: 2, data } } }
    expect([...splitTrusted(vectors, 1).group]).toEqual([0, 0, 1, 2])
  })

  it('gives a label with one record a place, and records without a label one of their own', () => {
    const records = {
      ...gaussianRecords(11),
      label: column([...Array<string>(8).fill('a'), 'b', undefined, undefined]),
    }
    const { reference, calibration, validation } = splitTrusted(records, 2)
    expect(reference.length + calibration.length + validation.length).toBe(11)
    expect(reference).toContain(8)
  })
})
