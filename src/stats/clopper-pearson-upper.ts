import { betaLogitQuantile } from './beta-logit-quantile.ts'

/**
 * The one-sided exact upper bound of a probability after `successes` in `trials`: at most the truth with probability
 * `delta`. BetaInv(1 − delta; k + 1, n − k), and 1 where all trials succeeded (Clopper & Pearson, Biometrika 26, 1934).
 * @throws RangeError unless 0 ≤ successes ≤ trials and 0 < delta < 1
 */
export function clopperPearsonUpper(successes: number, trials: number, delta: number): number {
  if (!(successes >= 0 && successes <= trials && delta > 0 && delta < 1)) {
    throw new RangeError(
      `clopperPearsonUpper needs 0 ≤ successes ≤ trials and 0 < delta < 1, got ${successes}, ${trials}, ${delta}`,
    )
  }
  if (successes === trials) return 1
  // the delta-quantile of 1 − X: keeps the digits of a small delta, which 1 − delta would round away
  return 1 / (1 + Math.exp(betaLogitQuantile(delta, trials - successes, successes + 1)))
}
