/**
 * The median of each 3 × 3 window of an image, row by row; beyond the edge the nearest pixel counts. `out` may be given
 * to be written to; it must not be `image`.
 *
 * With the three values of each column sorted, the median of nine is the median of three: the largest of the smallest,
 * the median of the medians and the smallest of the largest. A column is sorted once for the three windows it is in.
 */
export function medianFilter(
  image: ArrayLike<number>,
  rows: number,
  cols: number,
  out: Float64Array = new Float64Array(rows * cols),
): Float64Array {
  const low = new Float64Array(cols)
  const middle = new Float64Array(cols)
  const high = new Float64Array(cols)
  for (let row = 0; row < rows; row++) {
    const above = Math.max(0, row - 1) * cols
    const here = row * cols
    const below = Math.min(rows - 1, row + 1) * cols
    for (let col = 0; col < cols; col++) {
      const a = image[above + col] ?? 0
      const b = image[here + col] ?? 0
      const c = image[below + col] ?? 0
      low[col] = Math.min(a, b, c)
      middle[col] = medianOfThree(a, b, c)
      high[col] = Math.max(a, b, c)
    }
    for (let col = 0; col < cols; col++) {
      const left = Math.max(0, col - 1)
      const right = Math.min(cols - 1, col + 1)
      const x = Math.max(low[left] ?? 0, low[col] ?? 0, low[right] ?? 0)
      const y = medianOfThree(middle[left] ?? 0, middle[col] ?? 0, middle[right] ?? 0)
      const z = Math.min(high[left] ?? 0, high[col] ?? 0, high[right] ?? 0)
      out[here + col] = medianOfThree(x, y, z)
    }
  }
  return out
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
