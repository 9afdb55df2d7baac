import { logEOfLogP } from './log-e-of-log-p.ts'

/** ln of the e-value that a p-value in [0, 1] is worth, by the calibrators of logEOfLogP; Infinity at 0, negative near 1. */
export function logPToE(p: number): number {
  return logEOfLogP(Math.log(p))
}
