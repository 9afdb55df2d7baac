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
        // what stands beyond the count does not belong to the row
        for (const ids of rows) collector.addRow(Uint32Array.from([...ids, 7, 8]), ids.length)
        const { offsets, ids } = collector.features()
        const expected = rows.map((all) => [...new Set(all)])
        expect(rows.map((_, i) => [...ids.subarray(offsets[i], offsets[i + 1])])).toEqual(expected)
        expect(ids.length).toBe(expected.flat().length)
      }),
      { seed: 5, numRuns: 50 },
    )
  })
})
