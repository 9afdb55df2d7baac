/** How many of the ascending values are > x: binary search. NaN counts none. */
export function countAbove(sorted: Float64Array, x: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) > x) high = middle
    else low = middle + 1
  }
  return sorted.length - low
}
