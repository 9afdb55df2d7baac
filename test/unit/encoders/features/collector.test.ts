import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCollector } from '../../../../src/encoders/features/collector.ts'

describe('createCollector', () => {
  it('keeps the distinct features of each row in order of first occurrence', () => {
    const row = fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })), {
      maxLength: 3000,
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const collector = createCollector(rows.length)
        for (const ids of rows) {
          ids.forEach((id) => collector.add(id))
          collector.endRow()
        }
        const { offsets, ids } = collector.features()
        const expected = rows.map((all) => [...new Set(all)])
        expect(rows.map((_, i) => [...ids.subarray(offsets[i], offsets[i + 1])])).toEqual(expected)
        expect(ids.length).toBe(expected.flat().length)
      }),
      { seed: 5, numRuns: 50 },
    )
  })
})
