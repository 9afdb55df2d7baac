import { describe, expect, it } from 'vitest'
import { betweenGroupVariance } from '../../../src/stats/between-group-variance.ts'
import { chiSquareHomogeneity } from '../../../src/stats/chi-square-homogeneity.ts'
import { gaussianKernel } from '../../../src/stats/gaussian-kernel.ts'
import { kolmogorovSmirnov } from '../../../src/stats/kolmogorov-smirnov.ts'
import { logChiSquareSurvival } from '../../../src/stats/log-chi-square-survival.ts'
import { mmdSquared } from '../../../src/stats/mmd-squared.ts'
import { principalAxes } from '../../../src/stats/principal-axes.ts'

describe('comparing two samples', () => {
  it('refuses samples that hold nothing to compare', () => {
    expect(() => kolmogorovSmirnov([], [1])).toThrow(RangeError)
    expect(() => chiSquareHomogeneity([0, 0], [1, 2])).toThrow(RangeError)
    expect(() => chiSquareHomogeneity([1], [1, 2])).toThrow(RangeError)
    expect(() => logChiSquareSurvival(-1, 2)).toThrow(RangeError)
    expect(() => logChiSquareSurvival(1, 0)).toThrow(RangeError)
    expect(() => mmdSquared(Float64Array.of(1, 0, 0, 1), [1, 0])).toThrow(RangeError)
    expect(() => principalAxes({ rows: 1, cols: 2, data: new Float32Array(2) }, 1, 0)).toThrow(RangeError)
  })

  it('finds nothing where nothing differs', () => {
    expect(kolmogorovSmirnov([1, 2], [1, 2])).toEqual({ statistic: 0, p: 1 })
    expect(chiSquareHomogeneity([3, 0], [5, 0])).toEqual({ statistic: 0, p: 1 })
    expect(logChiSquareSurvival(0, 3)).toBe(0)
    const equal = gaussianKernel({ rows: 4, cols: 1, data: Float64Array.of(2, 2, 2, 2) }, 1)
    expect(mmdSquared(equal, [1, 1, 0, 0])).toBe(0)
    expect([...betweenGroupVariance(Float64Array.of(1, 2, 3), 1, Int32Array.of(0, 0, 0))]).toEqual([0])
    expect([...betweenGroupVariance(Float64Array.of(1, 2, 3), 1, Int32Array.of(0, 1, 2))]).toEqual([0])
  })

  it('gives as many axes as rows vary in', () => {
    const line = { rows: 3, cols: 2, data: Float32Array.of(0, 0, 1, 1, 2, 2) }
    const { axes, deviations } = principalAxes(line, 2, 1)
    expect(deviations).toHaveLength(1)
    expect(Math.abs(axes[0] ?? 0)).toBeCloseTo(Math.SQRT1_2, 9)
    expect(principalAxes({ rows: 3, cols: 2, data: new Float32Array(6) }, 2, 1).deviations).toHaveLength(0)
  })
})
