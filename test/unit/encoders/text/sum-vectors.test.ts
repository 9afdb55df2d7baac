import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mostSummed, openSums } from '../../../../src/encoders/text/sum-vectors.ts'
import { random } from '../../../../src/stats/random.ts'

const rows = 50

describe.each([
  ['with SIMD', true],
  ['in JavaScript', false],
])('openSums %s', (_, simd) => {
  it('adds up vectors times factors exactly, whatever their number and dimensions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: mostSummed }),
        fc.nat(),
        (dims, count, seed) => {
          const uniform = random(seed)
          const whole = (from: number, to: number) => from + Math.floor(uniform() * (to - from + 1))
          const vectors = Int8Array.from({ length: rows * dims }, () => whole(-128, 127))
          const sums = openSums(vectors, dims, simd)
          sums.places.forEach((_each, i) => (sums.places[i] = whole(0, rows - 1)))
          sums.factors.forEach((_each, i) => (sums.factors[i] = whole(-32_768, 32_767)))
          const product = (i: number, j: number) =>
            (sums.factors[i] ?? 0) * (vectors[(sums.places[i] ?? 0) * dims + j] ?? 0)
          const expected = Array.from({ length: dims }, (_each, j) => {
            let sum = 0
            for (let i = 0; i < count; i++) sum += product(i, j)
            return sum
          })
          sums.addUp(count)
          expect([...sums.sum.subarray(0, dims)]).toEqual(expected)
          expect(sums.sum.subarray(dims).every((each) => each === 0)).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('does not overflow at the most that fits', () => {
    const sums = openSums(new Int8Array(8).fill(-127), 8, simd)
    sums.factors.fill(32_767)
    sums.addUp(mostSummed)
    expect(sums.sum[7]).toBe(-127 * 32_767 * mostSummed)
  })
})
