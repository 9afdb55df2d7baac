/**
 * Rows in the order of their event times, cut into so many stretches of equal length (to a row). Where one of them has
 * no time, rows are taken to stand in the order in which they came.
 */
export function stretchesOf(rows: readonly number[], at: Float64Array, stretches: number): number[][] {
  const timed = rows.every((row) => !Number.isNaN(at[row] ?? NaN))
  const order = timed ? rows.toSorted((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b) : rows
  return Array.from({ length: stretches }, (_, i) =>
    order.slice(Math.floor((order.length * i) / stretches), Math.floor((order.length * (i + 1)) / stretches)),
  )
}
