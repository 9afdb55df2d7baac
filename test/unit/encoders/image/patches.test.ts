import { describe, expect, it } from 'vitest'
import { patchCodes, patchId, patchName, placesOf, usualCodes } from '../../../../src/encoders/image/patches.ts'
import { pooled } from '../../../../src/encoders/image/pool.ts'

const grid = { rows: 4, cols: 5, channels: 1 }

/** Light cells as #, one image a group of rows. */
function drawn(...rows: string[]) {
  const data = Float32Array.from(rows.join('').split(''), (cell) => (cell === '#' ? 1 : 0.4))
  return { rows: data.length / 20, cols: 20, data }
}

describe('patchCodes', () => {
  it('reads each 3×3 patch row by row, top left cell in the highest bit', () => {
    const codes = new Uint16Array(placesOf(grid))
    patchCodes(drawn('#....', '.....', '..#..', '...##'), 0, grid, codes)
    const names = [...codes].map((code, place) => patchName(patchId(place, code), grid, ''))
    expect(names).toEqual([
      'patch █··/···/··█ at row 0, column 0',
      'patch ···/···/·█· at row 0, column 1',
      'patch ···/···/█·· at row 0, column 2',
      'patch ···/··█/··· at row 1, column 0',
      'patch ···/·█·/··█ at row 1, column 1',
      'patch ···/█··/·██ at row 1, column 2',
    ])
  })

  it('has no places in images smaller than a patch', () => {
    expect(placesOf({ rows: 2, cols: 9, channels: 1 })).toBe(0)
    expect(placesOf({ rows: 1, cols: 1, channels: 1 })).toBe(0)
  })
})

describe('usualCodes', () => {
  it('are the most frequent at each place', () => {
    const blank = ['.....', '.....', '.....', '.....']
    const white = ['#####', '#####', '#####', '#####']
    expect([...usualCodes(drawn(...white, ...blank, ...blank), grid)]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...usualCodes(drawn(...white, ...white, ...blank), grid)]).toEqual([511, 511, 511, 511, 511, 511])
  })
})

describe('pooled', () => {
  it('leaves small images as they are, from 0 to 1', () => {
    const images = { kind: 'image' as const, height: 1, width: 2, channels: 2, pixels: Uint8Array.of(0, 255, 51, 102) }
    expect(pooled(images, 1, 32)).toEqual({ rows: 1, cols: 4, data: Float32Array.of(0, 1, 0.2, 0.4) })
  })

  it('averages larger ones over cells that cover every pixel once', () => {
    const pixels = Uint8Array.from({ length: 2 * 7 * 5 }, (_, i) => i % 251)
    const images = { kind: 'image' as const, height: 7, width: 5, channels: 1, pixels }
    const { rows, cols, data } = pooled(images, 2, 3)
    expect([rows, cols]).toEqual([2, 9])
    // rows 0-1, 2-3, 4-6 and columns 0, 1-2, 3-4 of a 7×5 image: weighted by area the mean is kept
    const areas = [2, 4, 4, 2, 4, 4, 3, 6, 6]
    const total = areas.reduce((sum, area, i) => sum + area * (data[9 + i] ?? 0) * 255, 0)
    expect(total).toBeCloseTo(
      pixels.subarray(35).reduce((sum, value) => sum + value, 0),
      2,
    )
  })
})
