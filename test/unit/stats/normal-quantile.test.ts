import { expect, it } from 'vitest'
import { normalCdf } from '../../../src/stats/normal-cdf.ts'
import { normalQuantile } from '../../../src/stats/normal-quantile.ts'

it('is odd around one half and undoes the distribution function', () => {
  expect(normalQuantile(0.5)).toBe(0)
  for (const p of [1e-9, 0.01, 0.2, 0.45]) {
    expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 6)
    expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 12)
  }
})

it('ends at ±∞ and refuses the rest', () => {
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
  expect(() => normalQuantile(-0.1)).toThrow(RangeError)
})
