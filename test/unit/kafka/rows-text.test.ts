import { expect, it } from 'vitest'
import { rowsText } from '../../../src/kafka/rows-text.ts'

it.each([
  [[], ''],
  [[7], '7'],
  [[0, 1, 2, 3, 7, 9, 10], '0-3,7,9-10'],
])('rowsText of %j', (rows, expected) => {
  expect(rowsText(rows)).toBe(expected)
})

it('rowsText leaves out what does not fit', () => {
  const text = rowsText(Array.from({ length: 10_000 }, (_, i) => i * 2))
  expect(text.length).toBeLessThan(1000)
  expect(text).toMatch(/^0,2,4,.*\d,…$/)
})
