/**
 * The arithmetic mean of finite numbers, by Neumaier's compensated sum: as exact as the data, in any order.
 * @throws RangeError for no values
 */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('mean needs at least one value')
  let sum = 0
  let lost = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return (sum + lost) / values.length
}
