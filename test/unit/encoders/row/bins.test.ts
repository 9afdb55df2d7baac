import { describe, expect, it } from 'vitest'
import { chooseColumns } from '../../../../src/encoders/row/bins.ts'

const pairsOf = (pairs: Int32Array) =>
  Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[i * 2]}-${pairs[i * 2 + 1]}`)

describe('chooseColumns', () => {
  it('takes every column and pair where they fit', () => {
    const { singles, pairs } = chooseColumns(4, 100, 1)
    expect([...singles]).toEqual([0, 1, 2, 3])
    expect(pairsOf(pairs)).toEqual(['0-1', '0-2', '0-3', '1-2', '1-3', '2-3'])
  })

  it.each([
    [100, 2000],
    [50, 60],
    [3, 4],
  ])('of %i columns takes %i features: columns first, then different pairs', (columns, most) => {
    const { singles, pairs } = chooseColumns(columns, most, 3)
    expect(singles.length + pairs.length / 2).toBe(most)
    expect(singles.length).toBe(columns)
    expect(new Set(pairsOf(pairs)).size).toBe(pairs.length / 2)
    for (let i = 0; i < pairs.length; i += 2) {
      expect(pairs[i]).toBeLessThan(pairs[i + 1] ?? 0)
      expect(pairs[i + 1]).toBeLessThan(columns)
    }
    expect(chooseColumns(columns, most, 3)).toEqual({ singles, pairs })
  })

  it('takes a part of the columns where there are too many', () => {
    const { singles, pairs } = chooseColumns(10_000, 2000, 1)
    expect([singles.length, pairs.length]).toEqual([2000, 0])
    expect(new Set(singles).size).toBe(2000)
    expect(chooseColumns(1, 1, 1).pairs.length).toBe(0)
  })
})
