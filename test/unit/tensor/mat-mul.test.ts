import { describe, expect, it } from 'vitest'
import { TasterError } from '../../../src/core/errors.ts'
import type { Matrix } from '../../../src/core/matrix.ts'
import { liveTensors, startBackend } from '../../../src/tensor/backend.ts'
import { matMul } from '../../../src/tensor/mat-mul.ts'

const matrix = (rows: number, cols: number, ...values: number[]): Matrix => ({
  rows,
  cols,
  data: values.length > 0 ? Float32Array.from(values) : new Float32Array(rows * cols),
})

describe('matMul', () => {
  it('multiplies', async () => {
    expect(await matMul(matrix(2, 3, 1, 2, 3, 4, 5, 6), matrix(3, 2, 1, 0, 0, 1, 2, 2))).toEqual(
      matrix(2, 2, 7, 8, 16, 17),
    )
  })

  it('gives empty and zero products their shape', async () => {
    expect(await matMul(matrix(0, 3), matrix(3, 2))).toEqual(matrix(0, 2))
    expect(await matMul(matrix(2, 3), matrix(3, 0))).toEqual(matrix(2, 0))
    expect(await matMul(matrix(2, 0), matrix(0, 2))).toEqual(matrix(2, 2))
  })

  it('multiplies more rows than cross at once', async () => {
    const rows = 5000
    const a = { rows, cols: 1, data: Float32Array.from({ length: rows }, (_, i) => i) }
    expect((await matMul(a, matrix(1, 1, 2))).data).toEqual(a.data.map((value) => value * 2))
  })

  it('refuses shapes that do not fit', async () => {
    await expect(matMul(matrix(2, 3), matrix(2, 3))).rejects.toThrow('cannot multiply 2×3 by 2×3')
    await expect(matMul(matrix(2, 3), matrix(2, 3))).rejects.toThrow(TasterError)
  })

  it('holds no tensor afterwards', async () => {
    await startBackend()
    const before = liveTensors()
    await matMul(matrix(100, 10), matrix(10, 5))
    expect(liveTensors()).toBe(before)
  })
})
