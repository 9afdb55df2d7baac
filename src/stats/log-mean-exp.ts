import { logSumExp } from './log-sum-exp.ts'

/**
 * ln of the mean of exp(value): averages e-values given as logarithms.
 * @throws RangeError for no values
 */
export function logMeanExp(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('logMeanExp needs at least one value')
  return logSumExp(values) - Math.log(values.length)
}
