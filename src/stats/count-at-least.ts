/** How many of the ascending values are ≥ x: binary search. NaN counts them all. */
export function countAtLeast(sorted: Float64Array, x: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < x) low = middle + 1
    else high = middle
  }
  return sorted.length - low
}
