import { expect, it } from 'vitest'
import { normalQuantile } from '../../../src/stats/normal-quantile.ts'

it('is odd around one half, and as in the tables', () => {
  expect(normalQuantile(0.5)).toBe(0)
  for (const p of [1e-9, 0.01, 0.2, 0.45]) {
    expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 6)
  }
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14)
  expect(normalQuantile(0.8413447460685429)).toBeCloseTo(1, 14)
})

it('ends at ±∞ and refuses the rest', () => {
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
  expect(() => normalQuantile(-0.1)).toThrow(RangeError)
})
