import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binName, binOf, numberColumn, scaled } from '../../../../src/encoders/row/numbers.ts'

const column = (...values: number[]) => numberColumn('price', Float64Array.from(values))
const nameOf = (of: ReturnType<typeof column>, value: number) => binName(of, binOf(of, value))

describe('numberColumn', () => {
  it('scales by median and quartiles, so that outliers do not count', () => {
    const values = Array.from({ length: 1001 }, (_, i) => i)
    const of = column(...values, 1e12)
    expect(of.center).toBe(500.5)
    expect(scaled(of, 500.5, 8)).toBe(0)
    expect(scaled(of, 871, 8)).toBeCloseTo(1, 1)
    expect(scaled(of, 1e12, 8)).toBe(8)
    expect(scaled(of, -Infinity, 8)).toBe(-8)
  })

  it('scales columns that are mostly one value, and none that are constant', () => {
    expect(scaled(column(0, 0, 0, 0, 0, 0, 0, 0, 0, 10), 10, 100)).toBeCloseTo(10, 10)
    expect(scaled(column(3, 3, 3), 99, 8)).toBe(0)
    expect(scaled(column(NaN, NaN), 1, 8)).toBe(0)
  })

  it('stays finite on the largest and the smallest numbers', () => {
    const extreme = column(Number.MAX_VALUE, -Number.MAX_VALUE, 0, 5e-324)
    for (const value of [Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0, 1]) {
      expect(Math.abs(scaled(extreme, value, 8))).toBeLessThanOrEqual(8)
    }
  })
})

describe('binOf', () => {
  const deciles = column(...Array.from({ length: 101 }, (_, i) => i))

  it('names deciles, missing values and those outside the trusted range', () => {
    expect(nameOf(deciles, 0)).toBe('price in [0, 10)')
    expect(nameOf(deciles, 9.99)).toBe('price in [0, 10)')
    expect(nameOf(deciles, 10)).toBe('price in [10, 20)')
    expect(nameOf(deciles, 100)).toBe('price in [90, 100]')
    expect(nameOf(deciles, 100.1)).toBe('price > 100')
    expect(nameOf(deciles, -1)).toBe('price < 0')
    expect(nameOf(deciles, NaN)).toBe('price is missing')
  })

  it('names the one value of a constant column, and values where the reference had none', () => {
    const constant = column(7, 7)
    expect([7, 6, 8].map((value) => nameOf(constant, value))).toEqual(['price = 7', 'price < 7', 'price > 7'])
    expect(nameOf(column(NaN), 3)).toBe('price has a value')
  })

  it('puts every number in the bin whose name says so', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 30 }),
        fc.double(),
        (values, value) => {
          const of = column(...values)
          const bin = binOf(of, value)
          // bins 2 … lie between edges; of a constant column, bin 3 is above its one edge
          const inside = Number.isFinite(value) && bin > 1 && bin < Math.max(1, of.edges.length - 1) + 2
          const low = inside ? (of.edges[bin - 2] ?? NaN) : -Infinity
          const high = inside ? (of.edges[bin - 1] ?? low) : Infinity
          expect(Number.isNaN(value) || (low <= value && value <= high)).toBe(true)
          expect(binName(of, bin)).toMatch(/^price /)
        },
      ),
      { seed: 2, numRuns: 500 },
    )
  })
})
