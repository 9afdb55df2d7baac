const logBets = Math.log(4)

/**
 * The log e-value of a p-value given as ln p: the mean of the calibrators k p^(k−1) over k = .05, .1, .25, .5
 * (V. Vovk & R. Wang, Annals of Statistics 49, 2021). Never overflows; about 1e-15 relative away from its zero.
 */
export function logEOfLogP(logP: number): number {
  // with r = p^.05 the mean is p^−.95 (.05 + .1 r + .25 r⁴ + .5 r⁹) / 4: one exponential for four bets
  const r = Math.exp(0.05 * logP)
  const r4 = r * r * r * r
  return -0.95 * logP + Math.log(0.05 + 0.1 * r + 0.25 * r4 + 0.5 * r4 * r4 * r) - logBets
}
