import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auroc } from '../../src/stats/auroc.ts'
import { benjaminiHochberg } from '../../src/stats/benjamini-hochberg.ts'
import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { conformalPValue } from '../../src/stats/conformal-p-value.ts'
import { exceedanceLogE } from '../../src/stats/exceedance-log-e.ts'
import { logBinomialSurvival } from '../../src/stats/log-binomial-survival.ts'
import { logEOfLogP } from '../../src/stats/log-e-of-log-p.ts'
import { logMeanExp } from '../../src/stats/log-mean-exp.ts'
import { logPToE } from '../../src/stats/log-p-to-e.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { tprAtFpr } from '../../src/stats/tpr-at-fpr.ts'

const settings = { seed: 20260103, numRuns: 500 }
const survival = (k: number, n: number, p: number) => Math.exp(logBinomialSurvival(k, n, p))
const share = fc.double({ min: 0, max: 1, noNaN: true })
// hundredths, so that there are ties, and tiny ones among them
const pValue = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((i) => i / 100),
  fc.integer({ min: 0, max: 300 }).map((i) => 10 ** -i),
)
const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean()), { minLength: 2, maxLength: 60 })
  .filter((rows) => rows.some(([, positive]) => positive) && rows.some(([, positive]) => !positive))
  .map((rows) => ({ scores: rows.map(([score]) => score), positive: rows.map(([, positive]) => positive) }))

describe('Benjamini-Hochberg', () => {
  it('rejects what its definition rejects', () => {
    fc.assert(
      fc.property(fc.array(pValue, { maxLength: 50 }), share, (p, q) => {
        // the largest k such that at least k of the m hypotheses have p ≤ q k / m, looked for one by one
        let threshold = -1
        for (const candidate of p) {
          const atMost = p.filter((other) => other <= candidate).length
          if (candidate * p.length <= q * atMost) threshold = Math.max(threshold, candidate)
        }
        const expected = p.flatMap((value, i) => (value <= threshold ? [i] : []))
        expect([...benjaminiHochberg(Float64Array.from(p), q)].toSorted((i, j) => i - j)).toEqual(expected)
      }),
      settings,
    )
  })

  it('rejects no less at a larger rate, and the same in any order', () => {
    fc.assert(
      fc.property(fc.array(pValue, { maxLength: 50 }), share, share, fc.nat(), (p, a, b, seed) => {
        const few = benjaminiHochberg(Float64Array.from(p), Math.min(a, b))
        const many = new Set(benjaminiHochberg(Float64Array.from(p), Math.max(a, b)))
        expect([...few].filter((i) => !many.has(i))).toEqual([])
        const order = permutation(p.length, random(seed))
        const again = benjaminiHochberg(
          Float64Array.from(order, (i) => p[i] ?? NaN),
          Math.min(a, b),
        )
        const ascending = (indices: readonly number[]) => indices.toSorted((i, j) => i - j)
        expect(ascending(Array.from(again, (i) => order[i] ?? -1))).toEqual(ascending([...few]))
      }),
      settings,
    )
  })
})

describe('conformal p-values', () => {
  it('are in (0, 1], fall as the score rises, and survive any rising transformation of all scores', () => {
    const score = fc.integer({ min: -50, max: 50 })
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), score, score, (calibration, a, b) => {
        const sorted = Float64Array.from(calibration).sort()
        const low = conformalPValue(sorted, Math.min(a, b))
        const high = conformalPValue(sorted, Math.max(a, b))
        expect(high).toBeGreaterThan(0)
        expect(low).toBeLessThanOrEqual(1)
        expect(high).toBeLessThanOrEqual(low)
        expect(conformalPValue(sorted.map(Math.exp), Math.exp(a))).toBe(conformalPValue(sorted, a))
      }),
      settings,
    )
  })

  it('of exchangeable scores are at most α with probability at most α: exact, over every choice of the test score', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 }), share, (scores, alpha) => {
        // given the bag of scores, each of them is the test score with equal probability
        const small = scores.filter((score, i) => {
          const calibration = Float64Array.from(scores.toSpliced(i, 1)).sort()
          return conformalPValue(calibration, score) <= alpha
        })
        expect(small.length / scores.length).toBeLessThanOrEqual(alpha)
      }),
      settings,
    )
  })

  it('of continuous scores are uniform: 20,000 draws, each against its own calibration', () => {
    const uniform = random(11)
    const draws = 20_000
    const counts = [0.01, 0.05, 0.25, 0.5, 0.9].map((alpha) => ({ alpha, reached: 0 }))
    for (let draw = 0; draw < draws; draw++) {
      const p = conformalPValue(Float64Array.from({ length: 99 }, uniform).sort(), uniform())
      for (const count of counts) if (p <= count.alpha + 1e-12) count.reached++
    }
    // P(p ≤ α) is exactly α for these α; five two-sided tests at 1e-4 together
    for (const { alpha, reached } of counts) {
      expect(survival(reached, draws, alpha)).toBeGreaterThan(1e-5)
      expect(1 - survival(reached + 1, draws, alpha)).toBeGreaterThan(1e-5)
    }
  })
})

describe('e-values', () => {
  it('of p-values fall as p rises, agree with their log form, and are finite for every p > 0', () => {
    const positive = fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true })
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        expect(logPToE(Math.max(a, b))).toBeLessThanOrEqual(logPToE(Math.min(a, b)) + 1e-14)
        expect(logPToE(a)).toBe(logEOfLogP(Math.log(a)))
        expect(Number.isFinite(logPToE(a))).toBe(true)
      }),
      settings,
    )
  })

  it('of conformal p-values are worth at most one on average: exact, over the n + 1 possible values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (n) => {
        const values = Float64Array.from({ length: n }, (_, i) => logPToE((i + 1) / n))
        expect(logMeanExp(values)).toBeLessThanOrEqual(0)
      }),
      { ...settings, numRuns: 100 },
    )
  })

  const bets = [0.25, 0.5, 1, 2, 4, 16]
  const batch = fc.integer({ min: 0, max: 40 }).chain((m) => fc.tuple(fc.integer({ min: 0, max: m }), fc.constant(m)))
  const bound = fc.double({ min: 1e-9, max: 1, noNaN: true })

  it('of exceedances add up over batches, rise with the exceedances and fall as the bound rises', () => {
    fc.assert(
      fc.property(batch, batch, bound, ([k, m], [l, n], u) => {
        const first = exceedanceLogE(k, m, u, bets)
        const second = exceedanceLogE(l, n, u, bets)
        exceedanceLogE(k + l, m + n, u, bets).forEach((total, i) => {
          expect(total).toBeCloseTo((first[i] ?? NaN) + (second[i] ?? NaN), 9)
        })
        exceedanceLogE(k + 1, m + 1, u, bets).forEach((more, i) => expect(more).toBeGreaterThanOrEqual(first[i] ?? NaN))
        exceedanceLogE(k, m, u / 2, bets).forEach((larger, i) => {
          const placed = (bets[i] ?? 0) * u < 1
          expect(larger).toBeGreaterThanOrEqual(placed ? (first[i] ?? NaN) : -Infinity)
        })
      }),
      settings,
    )
  })

  it('of exceedances are worth at most one on average wherever the truth is below the bound: exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), bound, share, (m, u, below) => {
        const p = u * below
        const expected = bets.map(() => 0)
        let choose = 1
        for (let k = 0; k <= m; k++) {
          const mass = choose * p ** k * (1 - p) ** (m - k)
          choose *= (m - k) / (k + 1)
          exceedanceLogE(k, m, u, bets).forEach((logE, i) => {
            expected[i] = (expected[i] ?? 0) + mass * Math.exp(logE)
          })
        }
        for (const value of expected) expect(value).toBeLessThanOrEqual(1 + 1e-9)
      }),
      settings,
    )
  })

  it('of exceedances over a calibrated threshold seldom reach 1 / α: 2,000 clean streams of 400 records', () => {
    const uniform = random(23)
    const streams = 2000
    let alarms = 0
    for (let stream = 0; stream < streams; stream++) {
      // the threshold is the second-largest of 200 calibration scores; delta and alpha share an error of .1
      const calibration = Float64Array.from({ length: 200 }, uniform).sort()
      const threshold = calibration[198] ?? 1
      const upper = clopperPearsonUpper(1, 199, 0.05)
      let exceedances = 0
      let highest = -Infinity
      for (let record = 1; record <= 400; record++) {
        if (uniform() > threshold) exceedances++
        highest = Math.max(highest, logMeanExp(exceedanceLogE(exceedances, record, upper, bets)))
      }
      if (highest >= Math.log(20)) alarms++
    }
    expect(survival(alarms, streams, 0.1)).toBeGreaterThan(1e-6)
  })
})

describe('scores of detectors', () => {
  it('do not depend on the order of records or the scale of scores; reversed scores reverse the area', () => {
    fc.assert(
      fc.property(scored, fc.nat(), ({ scores, positive }, seed) => {
        const order = Array.from(permutation(scores.length, random(seed)))
        const mixed = order.map((i) => Math.exp(scores[i] ?? NaN))
        const mixedPositive = order.map((i) => positive[i] ?? false)
        expect(auroc(mixed, mixedPositive)).toBe(auroc(scores, positive))
        expect(tprAtFpr(mixed, mixedPositive, 0.2)).toBe(tprAtFpr(scores, positive, 0.2))
        expect(
          auroc(
            scores.map((score) => -score),
            positive,
          ),
        ).toBeCloseTo(1 - auroc(scores, positive), 12)
      }),
      settings,
    )
  })

  it('are the share of pairs in order, and the best of all thresholds', () => {
    fc.assert(
      fc.property(scored, share, ({ scores, positive }, fpr) => {
        const of = (kind: boolean) => scores.filter((_, i) => positive[i] === kind)
        const [good, bad] = [of(false), of(true)]
        let wins = 0
        for (const a of bad) for (const b of good) wins += a > b ? 1 : a === b ? 0.5 : 0
        expect(auroc(scores, positive)).toBeCloseTo(wins / bad.length / good.length, 12)
        const rates = [...scores, Infinity].flatMap((threshold) => {
          const reached = (values: readonly number[]) => values.filter((value) => value >= threshold).length
          return reached(good) / good.length <= fpr ? [reached(bad) / bad.length] : []
        })
        expect(tprAtFpr(scores, positive, fpr)).toBe(Math.max(...rates))
      }),
      settings,
    )
  })
})
