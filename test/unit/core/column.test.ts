import { expect, it } from 'vitest'
import { column, rowsByValue } from '../../../src/core/column.ts'

it('has the rows of each value, the value of most rows first, and of none those without one', () => {
  const of = column(['b', 'a', null, '__proto__', 'b', 'a', 'b'])
  expect(rowsByValue(of)).toEqual([
    ['b', [0, 4, 6]],
    ['a', [1, 5]],
    ['__proto__', [3]],
  ])
  expect(rowsByValue(of, [2, 4, 5])).toEqual([
    ['a', [5]],
    ['b', [4]],
  ])
})
