import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cholesky } from '../../src/stats/cholesky.ts'
import { countAbove } from '../../src/stats/count-above.ts'
import { countAtLeast } from '../../src/stats/count-at-least.ts'
import { covariance } from '../../src/stats/covariance.ts'
import { logMeanExp } from '../../src/stats/log-mean-exp.ts'
import { logSumExp } from '../../src/stats/log-sum-exp.ts'
import { mean } from '../../src/stats/mean.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { shrink } from '../../src/stats/shrink.ts'
import { solveLowerTransposed } from '../../src/stats/solve-lower-transposed.ts'
import { solveLower } from '../../src/stats/solve-lower.ts'

const settings = { seed: 20260102, numRuns: 500 }
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const numbers = fc.array(number, { minLength: 1, maxLength: 60 })
// few distinct values, so that there are ties
const tied = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 60 }).map((v) => Float64Array.from(v).sort())
const shuffled = (values: readonly number[], seed: number) =>
  Array.from(permutation(values.length, random(seed)), (i) => values[i] ?? 0)
const spread = (values: readonly number[]) => 1 + Math.max(...values.map(Math.abs))

describe('mean and quantile', () => {
  it('do not depend on the order', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (values, seed) => {
        expect(mean(shuffled(values, seed))).toBeCloseTo(mean(values), 9)
      }),
      settings,
    )
  })

  it('follow a change of origin and unit', () => {
    fc.assert(
      fc.property(numbers, number, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, shift, scale) => {
        const moved = values.map((value) => value * scale + shift)
        const tolerance = 1e-13 * (spread(values) * scale + Math.abs(shift))
        expect(Math.abs(mean(moved) - (mean(values) * scale + shift))).toBeLessThanOrEqual(tolerance)
        const sorted = values.toSorted((a, b) => a - b)
        const sortedMoved = moved.toSorted((a, b) => a - b)
        for (const q of [0, 0.1, 0.5, 0.95, 1]) {
          expect(Math.abs(quantile(sortedMoved, q) - (quantile(sorted, q) * scale + shift))).toBeLessThanOrEqual(
            tolerance,
          )
        }
      }),
      settings,
    )
  })

  it('stay within the data; quantiles rise with q, also over the whole range of doubles', () => {
    const any = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 })
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(any, share, share, (values, p, q) => {
        const sorted = values.toSorted((a, b) => a - b)
        const [low, high] = [quantile(sorted, Math.min(p, q)), quantile(sorted, Math.max(p, q))]
        expect(low).toBeLessThanOrEqual(high + Math.abs(high) * 1e-15)
        expect(low).toBeGreaterThanOrEqual((sorted[0] ?? NaN) - Math.abs(low) * 1e-15)
        expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true)
      }),
      settings,
    )
  })
})

describe('counts among sorted values', () => {
  it('are what looking at every value gives', () => {
    fc.assert(
      fc.property(tied, fc.integer({ min: -10, max: 10 }), (sorted, doubled) => {
        const x = doubled / 2
        expect(countAtLeast(sorted, x)).toBe(sorted.filter((value) => value >= x).length)
        expect(countAbove(sorted, x)).toBe(sorted.filter((value) => value > x).length)
      }),
      settings,
    )
  })
})

describe('sums of exponentials', () => {
  it('do not depend on the order and move with a common factor', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), number, (values, seed, shift) => {
        const tolerance = 1e-13 * (spread(values) + Math.abs(shift))
        expect(Math.abs(logSumExp(shuffled(values, seed)) - logSumExp(values))).toBeLessThanOrEqual(tolerance)
        const moved = logMeanExp(values.map((value) => value + shift))
        expect(Math.abs(moved - logMeanExp(values) - shift)).toBeLessThanOrEqual(tolerance)
        expect(logSumExp(values)).toBeGreaterThanOrEqual(Math.max(...values))
        expect(logMeanExp(values)).toBeLessThanOrEqual(Math.max(...values) + tolerance)
      }),
      settings,
    )
  })
})

describe('covariance and its factor', () => {
  const matrix = fc
    .tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 6 }))
    .chain(([rows, cols]) =>
      fc
        .array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: rows * cols, maxLength: rows * cols })
        .map((values) => ({ rows, cols, data: Float64Array.from(values) })),
    )

  it('does not depend on the order of rows, ignores the origin and follows the unit', () => {
    fc.assert(
      fc.property(matrix, fc.nat(), number, (m, seed, shift) => {
        const order = permutation(m.rows, random(seed))
        const data = m.data.map(
          (_, i) => 2 * (m.data[(order[Math.floor(i / m.cols)] ?? 0) * m.cols + (i % m.cols)] ?? 0) + shift,
        )
        const before = covariance(m).covariance
        const after = covariance({ ...m, data }).covariance
        after.forEach((value, i) => expect(Math.abs(value - 4 * (before[i] ?? NaN))).toBeLessThanOrEqual(1e-6))
      }),
      { ...settings, numRuns: 200 },
    )
  })

  it('is semidefinite, so that any shrinkage makes it factor; the factor multiplies back and solves', () => {
    fc.assert(
      fc.property(matrix, fc.double({ min: 0.01, max: 1, noNaN: true }), (m, share) => {
        const d = m.cols
        const shrunk = shrink(covariance(m).covariance, d, share)
        fc.pre(shrunk.some((value) => value > 1e-9))
        const lower = cholesky(shrunk, d)
        const scale = Math.max(...shrunk)
        for (let i = 0; i < d; i++) {
          for (let j = 0; j <= i; j++) {
            let product = 0
            for (let k = 0; k <= j; k++) product += (lower[i * d + k] ?? 0) * (lower[j * d + k] ?? 0)
            expect(Math.abs(product - (shrunk[i * d + j] ?? NaN))).toBeLessThanOrEqual(1e-12 * scale)
          }
        }
        const b = Float64Array.from({ length: d }, (_, i) => i + 1)
        const x = solveLower(lower, d, b)
        for (let i = 0; i < d; i++) {
          let product = 0
          for (let k = 0; k <= i; k++) product += (lower[i * d + k] ?? 0) * (x[k] ?? 0)
          expect(product).toBeCloseTo(b[i] ?? NaN, 8)
        }
        const y = solveLowerTransposed(lower, d, b)
        for (let i = 0; i < d; i++) {
          let product = 0
          for (let k = i; k < d; k++) product += (lower[k * d + i] ?? 0) * (y[k] ?? 0)
          expect(product).toBeCloseTo(b[i] ?? NaN, 8)
        }
      }),
      { ...settings, numRuns: 200 },
    )
  })
})
