import { describe, expect, it } from 'vitest'
import { unitColumns, unitRows } from '../../../src/tensor/unit-rows.ts'

const matrix = { rows: 3, cols: 2, data: Float32Array.of(3, 4, 0, 0, -1e38, 0) }

describe('unitRows', () => {
  it('scales rows to length 1, without overflow, and leaves zero rows zero', () => {
    expect(unitRows(matrix)).toEqual(Float32Array.of(0.6, 0.8, 0, 0, -1, 0))
    expect(unitRows(matrix, 2, 3)).toEqual(Float32Array.of(-1, 0))
    expect(matrix.data[0]).toBe(3)
  })

  it('scales the smallest numbers that float32 has', () => {
    expect(unitRows({ rows: 1, cols: 2, data: Float32Array.of(1e-45, 0) })).toEqual(Float32Array.of(1, 0))
  })

  it('refuses what is not finite, naming the row', () => {
    expect(() => unitRows({ rows: 2, cols: 1, data: Float32Array.of(1, NaN) })).toThrow('vector 1 is not finite')
  })
})

describe('unitColumns', () => {
  it('is the transpose', () => {
    expect(unitColumns(matrix)).toEqual(Float32Array.of(0.6, 0, -1, 0.8, 0, 0))
  })
})
