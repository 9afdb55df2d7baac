import { expect, it } from 'vitest'
import { medianFilter } from '../../../src/stats/median-filter.ts'
import { random } from '../../../src/stats/random.ts'

it('removes a speck and keeps an edge', () => {
  expect([...medianFilter([0, 0, 0, 0, 9, 0, 0, 0, 0], 3, 3)]).toEqual(Array(9).fill(0))
  expect([...medianFilter([0, 0, 5, 5, 0, 0, 5, 5, 0, 0, 5, 5], 3, 4)]).toEqual([0, 0, 5, 5, 0, 0, 5, 5, 0, 0, 5, 5])
})

it.each([
  [1, 1],
  [1, 6],
  [4, 1],
  [7, 5],
])('is the middle of nine values, %i × %i', (rows, cols) => {
  const uniform = random(rows * 31 + cols)
  const image = Array.from({ length: rows * cols }, () => Math.floor(uniform() * 5))
  const within = (value: number, most: number) => Math.max(0, Math.min(most, value))
  const slow = image.map((_, at) => {
    const [row, col] = [Math.floor(at / cols), at % cols]
    const nine = [-1, 0, 1].flatMap((y) =>
      [-1, 0, 1].map((x) => image[within(row + y, rows - 1) * cols + within(col + x, cols - 1)] ?? NaN),
    )
    return nine.toSorted((a, b) => a - b)[4]
  })
  expect([...medianFilter(image, rows, cols)]).toEqual(slow)
})
