import { describe, expect, it } from 'vitest'
import { column } from '../../../src/core/column.ts'
import { mixDistance, placesOf, sourcePlaces } from '../../../src/core/source-mix.ts'

const sources = column(['a', 'b', 'a', null])
const place = placesOf(sources)

describe('the mix of sources', () => {
  it('gives a source the same place whatever the column, and the last one to records without', () => {
    expect(place(0)).toBe(placesOf(column(['c', 'a']))(1))
    expect(place(-1)).toBe(sourcePlaces - 1)
    expect(Math.max(place(0), place(1))).toBeLessThan(sourcePlaces - 1)
  })

  it('is as far from the trusted one as shares differ, beyond what a draw would give', () => {
    const trusted = new Float64Array(sourcePlaces)
    trusted.set([0.5, 0.5])
    const counts = (...some: number[]) => Float64Array.from({ length: sourcePlaces }, (_, i) => some[i] ?? 0)
    expect(mixDistance(counts(50, 50), 100, trusted)).toBe(0)
    expect(mixDistance(counts(0, 0, 100), 100, trusted)).toBeCloseTo(1.5 - 0.005, 12)
    expect(mixDistance(counts(55, 45), 100, trusted)).toBeCloseTo(0.005 - 0.005, 12)
  })
})
