import { betaLogitQuantile } from './beta-logit-quantile.ts'
import { clopperPearsonUpper } from './clopper-pearson-upper.ts'

/**
 * The exact two-sided interval of a probability after `successes` in `trials` (Clopper & Pearson, Biometrika 26, 1934):
 * covers the truth with at least `confidence`. No trials say nothing: [0, 1].
 * @throws RangeError unless 0 ≤ successes ≤ trials and 0 < confidence < 1
 */
export function clopperPearson(
  successes: number,
  trials: number,
  confidence = 0.95,
): { readonly lower: number; readonly upper: number } {
  const tail = (1 - confidence) / 2
  const upper = clopperPearsonUpper(successes, trials, tail)
  const lower = successes === 0 ? 0 : 1 / (1 + Math.exp(-betaLogitQuantile(tail, successes, trials - successes + 1)))
  return { lower, upper }
}
