import { describe, expect, it } from 'vitest'
import type { Calibration } from '../../../src/baseline/baseline.ts'
import { conformalPValues, statisticPValue, tailBounds } from '../../../src/baseline/pvalues.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { clopperPearsonUpper } from '../../../src/stats/clopper-pearson-upper.ts'
import { texts } from './gaussian-records.ts'

const none = new Float64Array()
const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1)
const calibration: Calibration = {
  scores: [hundred, none],
  nulls: new Map([['a', new Map([[50, Float64Array.of(1, 2, 3)]])]]),
}

function encoded(label: readonly number[], labels = ['a', 'b']): Encoded {
  return {
    records: texts(...label.map(() => '')),
    vectors: { rows: label.length, cols: 0, data: new Float32Array() },
    features: { offsets: new Int32Array(label.length + 1), ids: new Uint32Array() },
    nameOf: () => '',
    labels,
    label: Int32Array.from(label),
    probabilities: { rows: label.length, cols: labels.length, data: new Float64Array(label.length * labels.length) },
    nearest: new Int32Array(),
  }
}

describe('conformalPValues', () => {
  it('ranks a score among calibration scores of its own label', () => {
    const p = conformalPValues(calibration, encoded([0, 0, 0]), Float64Array.of(0, 96, 200))
    expect([...p]).toEqual([1, 6 / 101, 1 / 101])
  })

  it('is NaN where nothing can be said: no score, no label, an unknown one, one without calibration', () => {
    const p = conformalPValues(calibration, encoded([0, -1, 1]), Float64Array.of(NaN, 5, 5))
    expect([...p]).toEqual([NaN, NaN, NaN])
  })

  it('ranks among all where the trusted data has no labels', () => {
    const p = conformalPValues({ scores: [hundred], nulls: new Map() }, encoded([-1], []), Float64Array.of(101))
    expect([...p]).toEqual([1 / 101])
  })
})

describe('statisticPValue', () => {
  const of = (name: string, records: number, value: number) =>
    statisticPValue(calibration, { kind: 'statistic', subject: { kind: 'label', name }, value, records })

  it('ranks a statistic in the null of its label and its very size', () => {
    expect(of('a', 50, 2.5)).toBe(0.5)
    expect(of('a', 50, 9)).toBe(0.25)
  })

  it('is null at another size and for another label', () => {
    expect(of('a', 51, 9)).toBeNull()
    expect(of('b', 50, 9)).toBeNull()
  })
})

describe('tailBounds', () => {
  it('bounds the tail beyond the quantile by Clopper and Pearson', () => {
    const { threshold, bound } = tailBounds(calibration, 0, 0.05)
    expect(threshold).toBeCloseTo(95.05, 10)
    expect(bound).toBe(clopperPearsonUpper(5, 100, 0.05))
  })

  it('counts only what lies strictly above a tied threshold', () => {
    const tied: Calibration = { scores: [new Float64Array(100).fill(1)], nulls: new Map() }
    expect(tailBounds(tied, 0, 0.05)).toEqual({ threshold: 1, bound: clopperPearsonUpper(0, 100, 0.05) })
  })

  it('has nothing in the tail of a label without calibration', () => {
    expect(tailBounds(calibration, 1, 0.05)).toEqual({ threshold: Infinity, bound: 1 })
    expect(tailBounds(calibration, 9, 0.05)).toEqual({ threshold: Infinity, bound: 1 })
  })
})
