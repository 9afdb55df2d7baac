/**
 * Log e-values, one a bet, that `exceedances` of `records` lie above a threshold which each exceeds with probability at
 * most `bound`: K ln(1 + λ(1 − bound)) + (m − K) ln(1 − λ bound). A bet with λ · bound ≥ 1 could go bankrupt: it is not
 * placed, and its log e-value is 0. Betting as in I. Waudby-Smith & A. Ramdas, J. R. Statist. Soc. B 86, 2024.
 */
export function exceedanceLogE(
  exceedances: number,
  records: number,
  bound: number,
  bets: readonly number[],
): Float64Array {
  const logE = new Float64Array(bets.length)
  for (let i = 0; i < bets.length; i++) {
    const bet = bets[i] ?? 0
    if (bet * bound >= 1) continue
    logE[i] = exceedances * Math.log1p(bet * (1 - bound)) + (records - exceedances) * Math.log1p(-bet * bound)
  }
  return logE
}
