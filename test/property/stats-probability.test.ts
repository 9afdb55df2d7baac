import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { betaQuantile } from '../../src/stats/beta-quantile.ts'
import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { clopperPearson } from '../../src/stats/clopper-pearson.ts'
import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'
import { normalQuantile } from '../../src/stats/normal-quantile.ts'
import { logRegularizedIncompleteBeta } from '../../src/stats/log-regularized-incomplete-beta.ts'

const settings = { seed: 20260101, numRuns: 500 }
const probability = fc.double({ min: 0, max: 1, noNaN: true })
const level = fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true })
// from 1e-3 to 1e6, evenly in the logarithm
const shape = fc.double({ min: -3, max: 6, noNaN: true }).map((exponent) => 10 ** exponent)
const trials = fc
  .integer({ min: 1, max: 1_000_000 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n), probability))
const rounding = 1e-11
const betaShare = (x: number, a: number, b: number, y = 1 - x) => Math.exp(logRegularizedIncompleteBeta(x, a, b, y))
const survival = (k: number, n: number, p: number) => Math.exp(logBinomialSurvival(k, n, p))

describe('distributions', () => {
  it('are probabilities for every finite argument', () => {
    fc.assert(
      fc.property(shape, shape, probability, trials, (a, b, p, [k, n]) => {
        const values = [betaShare(p, a, b), survival(k, n, p), betaQuantile(p, a, b)]
        expect(values.filter((value) => !(value >= 0 && value <= 1 + rounding))).toEqual([])
      }),
      settings,
    )
  })

  it('add up to one with their complement', () => {
    fc.assert(
      fc.property(shape, shape, probability, (a, b, p) => {
        expect(betaShare(p, a, b) + betaShare(1 - p, b, a, p)).toBeCloseTo(1, 11)
      }),
      settings,
    )
  })

  it('are monotone', () => {
    fc.assert(
      fc.property(shape, shape, probability, probability, (a, b, p, q) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)]
        expect(betaShare(low, a, b)).toBeLessThanOrEqual(betaShare(high, a, b) * (1 + rounding))
        expect(betaQuantile(low, a, b)).toBeLessThanOrEqual(betaQuantile(high, a, b) * (1 + rounding))
        expect(normalQuantile(low)).toBeLessThanOrEqual(normalQuantile(high))
      }),
      settings,
    )
  })

  it('are undone by their quantiles', () => {
    fc.assert(
      fc.property(level, shape, shape, (p, a, b) => {
        const x = betaQuantile(p, a, b)
        fc.pre(x > 1e-290 && x < 0.9) // nearer to 0 and 1 doubles are far apart in probability
        expect(betaShare(x, a, b) / p).toBeCloseTo(1, 8)
      }),
      settings,
    )
  })
})

describe('binomial tails', () => {
  it('lose exactly the density from one count to the next, and more successes are rarer', () => {
    fc.assert(
      fc.property(trials, ([k, n, p]) => {
        expect(logBinomialSurvival(k + 1, n, p)).toBeLessThanOrEqual(logBinomialSurvival(k, n, p) + rounding)
        expect(logBinomialSurvival(k, n, p / 2)).toBeLessThanOrEqual(logBinomialSurvival(k, n, p) + rounding)
      }),
      settings,
    )
  })

  it('agree with the sum of all terms where that can be formed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), probability, (n, k, p) => {
        let sum = 0
        let choose = 1
        for (let j = 0; j <= n; j++) {
          if (j >= k) sum += choose * p ** j * (1 - p) ** (n - j)
          choose *= (n - j) / (j + 1)
        }
        expect(Math.abs(survival(k, n, p) - sum)).toBeLessThanOrEqual(1e-12 * sum + 1e-300)
      }),
      settings,
    )
  })
})

describe('Clopper-Pearson', () => {
  it('covers every truth at least as often as it says: exact, summed over all outcomes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), level, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (n, p, confidence) => {
        let covered = 0
        let coveredAbove = 0
        for (let k = 0; k <= n; k++) {
          const mass = survival(k, n, p) - survival(k + 1, n, p)
          const { lower, upper } = clopperPearson(k, n, confidence)
          if (lower <= p && p <= upper) covered += mass
          if (p <= clopperPearsonUpper(k, n, 1 - confidence)) coveredAbove += mass
        }
        expect(covered).toBeGreaterThanOrEqual(confidence - 1e-9)
        expect(coveredAbove).toBeGreaterThanOrEqual(confidence - 1e-9)
      }),
      { ...settings, numRuns: 100 },
    )
  })

  it('leaves exactly half of its error in each tail', () => {
    fc.assert(
      fc.property(trials, fc.double({ min: 0.01, max: 0.9999, noNaN: true }), ([k, n], confidence) => {
        fc.pre(k > 0 && 2 * k <= n) // the other half is its mirror image, where doubles near 1 lack the digits
        const { lower, upper } = clopperPearson(k, n, confidence)
        expect(lower).toBeLessThan(k / n)
        expect(upper).toBeGreaterThan(k / n)
        expect(clopperPearson(n - k, n, confidence).upper).toBeCloseTo(1 - lower, 14)
        const tail = (1 - confidence) / 2
        expect(survival(k, n, lower) / tail).toBeCloseTo(1, 8)
        expect((1 - survival(k + 1, n, upper)) / tail).toBeCloseTo(1, 8)
      }),
      settings,
    )
  })
})
