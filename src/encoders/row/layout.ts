import { dimensionOf, byValue } from './categories.ts'
import { isNumber, type Learnt, type Pairing } from './columns.ts'
import { scaled } from './numbers.ts'

/** Dimensions of a column before projection: its value, or values and buckets; then one that says it is missing. */
export function widthOf(learnt: Learnt): number {
  return (isNumber(learnt) ? 1 : learnt.values.length + learnt.buckets) + 1
}

/**
 * Visits what is not zero in each row, row by row: scaled numbers, the dimension of the category, missing columns.
 * Numbers stand around their median already; the rest is 0 or 1.
 */
export function eachRow(
  pairings: readonly Pairing[],
  rows: number,
  clip: number,
  salt: number,
  visit: (dimension: number, value: number) => void,
  endRow: (row: number) => void,
): void {
  let start = 0
  const cells = pairings.map((pairing) => {
    const from = start
    const missing = from + widthOf(pairing.learnt) - 1
    start = missing + 1
    if (pairing.kind === 'number') {
      const { learnt, values } = pairing
      return (row: number) => {
        const value = values[row] ?? NaN
        if (Number.isFinite(value)) visit(from, scaled(learnt, value, clip))
        else visit(missing, 1)
      }
    }
    const { learnt, values } = pairing
    const dimension = byValue(values, (value) => dimensionOf(learnt, value, salt))
    return (row: number) => {
      const found = dimension(row)
      visit(found === undefined ? missing : from + found, 1)
    }
  })
  for (let row = 0; row < rows; row++) {
    for (const cell of cells) cell(row)
    endRow(row)
  }
}

/** Mean over the reference of the dimensions that are 0 or 1; 0 for numbers. */
export function means(pairings: readonly Pairing[], rows: number, clip: number, salt: number): Float64Array {
  const sums = new Float64Array(pairings.reduce((sum, { learnt }) => sum + widthOf(learnt), 0))
  const numbers = new Set<number>()
  let start = 0
  for (const { learnt } of pairings) {
    if (isNumber(learnt)) numbers.add(start)
    start += widthOf(learnt)
  }
  eachRow(
    pairings,
    rows,
    clip,
    salt,
    (dimension, value) => {
      if (!numbers.has(dimension)) sums[dimension] = (sums[dimension] ?? 0) + value / rows
    },
    () => undefined,
  )
  return sums
}
