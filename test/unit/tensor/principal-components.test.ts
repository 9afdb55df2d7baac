import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import type { Matrix } from '../../../src/core/matrix.ts'
import { normal, random } from '../../../src/stats/random.ts'
import { principalComponents, projectOnto } from '../../../src/tensor/principal-components.ts'

/** Rows with variance (j + 1)⁻² along hidden axis j, turned by a random rotation and moved far from the origin. */
function sample(rows: number, cols: number): Matrix {
  const uniform = random(9)
  const mix = Float64Array.from({ length: cols * cols }, () => normal(uniform))
  const data = new Float32Array(rows * cols)
  for (let row = 0; row < rows; row++) {
    const hidden = Float64Array.from({ length: cols }, (_, j) => normal(uniform) / (j + 1))
    for (let i = 0; i < cols; i++) {
      data[row * cols + i] = 50 + hidden.reduce((sum, value, j) => sum + value * (mix[j * cols + i] ?? 0), 0)
    }
  }
  return { rows, cols, data }
}

describe('principalComponents', () => {
  const data = sample(500, 30)

  it('finds what a full eigendecomposition in float64 finds', async () => {
    const { mean, components } = await principalComponents(data, 5, 1)
    const centred = new Dense(500, 30)
    for (let row = 0; row < 500; row++) {
      for (let i = 0; i < 30; i++) centred.set(row, i, (data.data[row * 30 + i] ?? 0) - (mean[i] ?? 0))
    }
    const exact = new EigenvalueDecomposition(centred.transpose().mmul(centred), { assumeSymmetric: true })
    for (let j = 0; j < 5; j++) {
      const dot = Array.from({ length: 30 }, (_, i) => i).reduce(
        (sum, i) => sum + (components.data[i * 5 + j] ?? 0) * exact.eigenvectorMatrix.get(i, 29 - j),
        0,
      )
      expect(Math.abs(dot)).toBeCloseTo(1, 5)
    }
  })

  it('gives orthonormal directions, the same for the same seed', async () => {
    const { components } = await principalComponents(data, 8, 3)
    for (let p = 0; p < 8; p++) {
      for (let q = 0; q <= p; q++) {
        let dot = 0
        for (let i = 0; i < 30; i++) dot += (components.data[i * 8 + p] ?? 0) * (components.data[i * 8 + q] ?? 0)
        expect(dot).toBeCloseTo(p === q ? 1 : 0, 5)
      }
    }
    expect(await principalComponents(data, 8, 3)).toEqual(await principalComponents(data, 8, 3))
  })

  it('gives no more than rows and columns allow, and finite ones where nothing varies', async () => {
    const few = await principalComponents({ rows: 3, cols: 30, data: data.data.slice(0, 90) }, 64, 1)
    expect(few.components.cols).toBe(2)
    const constant = await principalComponents({ rows: 4, cols: 3, data: new Float32Array(12).fill(7) }, 2, 1)
    expect(constant.components.data.every(Number.isFinite)).toBe(true)
    const { data: coordinates } = await projectOnto({ rows: 1, cols: 3, data: Float32Array.of(7, 7, 7) }, constant)
    expect([...coordinates]).toEqual([0, 0])
  })

  it('keeps small variance far from the origin', async () => {
    const uniform = random(2)
    const far = Float32Array.from({ length: 4000 }, (_, i) => 1e4 + (i % 2 === 0 ? 1 : 0.1) * normal(uniform))
    const { mean, components } = await principalComponents({ rows: 2000, cols: 2, data: far }, 1, 1)
    expect(mean[0]).toBeCloseTo(1e4, 0)
    expect(components.data[0]).toBeGreaterThan(0.999)
  })

  it('refuses numbers that are not finite', async () => {
    await expect(principalComponents({ rows: 1, cols: 1, data: Float32Array.of(NaN) }, 1, 1)).rejects.toThrow(
      /not finite/,
    )
  })
})
