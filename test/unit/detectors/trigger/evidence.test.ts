import { describe, expect, it } from 'vitest'
import {
  arrivalShare,
  crossBound,
  crossLogE,
  excess,
  fewestNovel,
  noveltyOf,
  isSpent,
  jointLogE,
  jointLogP,
  testsBy,
} from '../../../../detectors/trigger/evidence.ts'
import { random } from '../../../../src/stats/random.ts'

describe('crossLogE', () => {
  it('is the log of the mean over bets of the product of k u^(k−1)', () => {
    const u = [0.01, 0.2, 0.03]
    const product = (k: number) => u.reduce((e, p) => e * k * p ** (k - 1), 1)
    const mean = [0.05, 0.1, 0.2].map(product).reduce((a, b) => a + b) / 3
    const surprise = u.reduce((sum, p) => sum - Math.log(p), 0)
    expect(crossLogE(3, surprise)).toBeCloseTo(Math.log(mean), 12)
    expect(crossBound(3, surprise)).toBeGreaterThanOrEqual(crossLogE(3, surprise))
  })

  it('exceeds 1/α no more often than α where p-values are uniform', () => {
    const uniform = random(1)
    let exceeded = 0
    for (let run = 0; run < 20_000; run++) {
      let surprise = 0
      for (let document = 1; document <= 30; document++) {
        surprise -= Math.log(1 - uniform())
        if (crossLogE(document, surprise) >= Math.log(50)) {
          exceeded++
          break
        }
      }
    }
    expect(exceeded / 20_000).toBeLessThan(1 / 50)
  })

  it('is at most 1 where it is spent', () => {
    const largest: number[] = []
    for (let documents = 1; documents < 50; documents++) {
      const surprises = Array.from({ length: 30 * documents }, (_, i) => i / 10)
      const spent = surprises.filter((surprise) => isSpent(documents, surprise))
      largest.push(Math.max(...spent.map((surprise) => crossLogE(documents, surprise))))
    }
    expect(Math.max(...largest)).toBeLessThanOrEqual(1e-12)
    expect(Math.min(...largest)).toBeGreaterThan(-Infinity)
  })
})

describe('the joint test', () => {
  it('is the binomial test of two samples', () => {
    expect(jointLogP(3, 100, 0, 100)).toBeCloseTo(Math.log(1 / 8), 12)
    expect(jointLogP(2, 100, 1, 300)).toBeCloseTo(Math.log(3 * 0.0625 * 0.75 + 0.015625), 12)
    expect(jointLogP(5, 100, 0, 0)).toBe(0)
  })

  it('is due at 3, 6, 12 … documents, and its e-values average to at most 1 over all of them', () => {
    expect([2, 3, 5, 6, 11, 12, 24].map(testsBy)).toEqual([0, 1, 1, 2, 2, 3, 4])
    let sum = 0
    for (let test = 1; test < 1000; test++) sum += 6 / (Math.PI * test) ** 2
    expect(sum).toBeLessThan(1)
    expect(jointLogE(1, 0)).toBeLessThan(0)
    expect(jointLogE(2, -50)).toBeLessThan(jointLogE(1, -50))
  })
})

describe('noveltyOf', () => {
  it('asks for three times the trusted rate, or significantly more than it', () => {
    expect(noveltyOf(4, 1000, 0, 500)).toBe(1) // one expected
    expect(noveltyOf(3, 1000, 0, 500)).toBeLessThan(1)
    expect(noveltyOf(60, 1000, 15, 500)).toBe(1) // 31 expected
    expect(noveltyOf(35, 1000, 15, 500)).toBeCloseTo(0.2, 1)
    expect(noveltyOf(1, 1000, 15, 500)).toBe(0)
    expect(excess(100, 1000, 50, 500)).toBeCloseTo(0, 0)
  })
})

describe('fewestNovel', () => {
  it('is no more than what it takes to be novel, now or later, and hardly less', () => {
    const uniform = random(3)
    for (let i = 0; i < 5000; i++) {
      const [t, n] = [Math.ceil(10 ** (5 * uniform())), Math.ceil(10 ** (4 * uniform()))]
      const r = Math.floor(uniform() ** 4 * n)
      const fewest = fewestNovel(t, r, n)
      for (const later of [t, t + 1, 2 * t]) expect(noveltyOf(fewest - 1, later, r, n)).toBeLessThan(1)
      expect(noveltyOf(fewest + 1, t, r, n)).toBe(1)
    }
  })

  it('does without trusted documents of the label', () => {
    expect(noveltyOf(fewestNovel(10, 0, 0) - 1, 10, 0, 0)).toBeLessThan(1)
  })
})

describe('arrivalShare', () => {
  it('sums to less than 1 over all subjects', () => {
    let sum = 0
    for (let j = 1; j <= 1e6; j++) sum += arrivalShare(j)
    // the rest is at most the integral of 1/(3 x (1 + ln x)^1.5)
    expect(sum + 2 / (3 * Math.sqrt(1 + Math.log(1e6)))).toBeLessThan(1)
  })
})
