import { describe, expect, it } from 'vitest'
import type { Calibration, Reference } from '../../../src/baseline/baseline.ts'
import { decodeCalibration, decodeReference, encodeCalibration, encodeReference } from '../../../src/baseline/parts.ts'
import { pack } from '../../../src/core/codec.ts'

const corrupt = expect.objectContaining({ code: 'BASELINE_CORRUPT' })

describe('reference', () => {
  const reference: Reference = {
    vectors: { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    label: Int32Array.of(1, -1),
    row: Int32Array.of(0, 7),
  }

  it('comes back as it was', () => {
    expect(decodeReference(encodeReference(reference), 3, 2)).toEqual(reference)
  })

  it.each([
    ['other dimensions', reference, 2, 2],
    ['a label that does not exist', reference, 3, 1],
    [
      'a vector that is not finite',
      { ...reference, vectors: { rows: 2, cols: 3, data: new Float32Array(6).fill(NaN) } },
      3,
      2,
    ],
    ['too few labels', { ...reference, label: Int32Array.of(1) }, 3, 2],
    ['a negative row', { ...reference, row: Int32Array.of(-1, 7) }, 3, 2],
  ])('refuses %s', (_, made, dims, labels) => {
    expect(() => decodeReference(encodeReference(made), dims, labels)).toThrow(corrupt)
  })
})

describe('calibration', () => {
  const calibration: Calibration = {
    scores: [Float64Array.of(1, 2), new Float64Array()],
    nulls: new Map([
      ['', new Map([[50, Float64Array.of(3, 3)]])],
      [
        '__proto__',
        new Map([
          [100, Float64Array.of(4)],
          [200, Float64Array.of(5)],
        ]),
      ],
    ]),
  }

  it('comes back as it was, whatever the labels are called', () => {
    expect(decodeCalibration(encodeCalibration(calibration))).toEqual(calibration)
  })

  it.each([
    ['values out of order', { ...calibration, scores: [Float64Array.of(2, 1)] }],
    ['a value that is no number', { ...calibration, scores: [Float64Array.of(NaN)] }],
    ['a size that is no count', { ...calibration, nulls: new Map([['', new Map([[1.5, Float64Array.of(1)]])]]) }],
  ])('refuses %s', (_, made) => {
    expect(() => decodeCalibration(encodeCalibration(made))).toThrow(corrupt)
  })

  it.each([
    ['null', null],
    ['no lists', {}],
    ['a count of labels that would fill the memory', { scores: 4e9, nulls: [] }],
    ['fewer labels than arrays', { scores: 0, nulls: [] }],
    ['nulls of another form', { scores: 1, nulls: [7] }],
  ])('refuses a header with %s', (_, json) => {
    expect(() => decodeCalibration(pack({ json, arrays: { 'score/0': Float64Array.of(1) } }))).toThrow(corrupt)
  })
})
