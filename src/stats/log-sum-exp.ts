/** ln Σ exp(value) without overflow: the largest term is taken out. −∞ for no values. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] ?? -Infinity)
  if (!Number.isFinite(largest)) return largest
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] ?? -Infinity) - largest)
  return largest + Math.log(sum)
}
