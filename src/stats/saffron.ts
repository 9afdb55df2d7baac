import { powerSpending, remember, requireP, requireWealth, type OnlineFdr } from './online-fdr.ts'

/**
 * SAFFRON (A. Ramdas, T. Zrnic, M. J. Wainwright & M. I. Jordan, ICML 2018): LORD++ that spends nothing on the
 * hypotheses whose p is at most λ, the candidates. With C_j of them after the j-th rejection (C₀: in all) and before t,
 * α_t = min{λ, (1 − λ)(w₀ γ_{t−C₀} + (α − w₀) γ_{t−τ₁−C₁} + α Σ_{j≥2} γ_{t−τ_j−C_j})}.
 */
export function saffron(alpha: number, initialWealth = alpha / 2, lambda = 0.5): OnlineFdr {
  requireWealth(alpha, initialWealth)
  if (!(lambda > 0 && lambda < 1)) throw new RangeError(`lambda is ${lambda}, and must lie between 0 and 1`)
  // Of each rejection, how many hypotheses that are no candidates came since: all that its age depends on.
  const rejections: number[] = []
  let others = 0 // hypotheses so far that are no candidates
  return {
    next(p) {
      requireP(p)
      let wealth = initialWealth * powerSpending(others + 1)
      rejections.forEach((before, j) => {
        wealth += (j === 0 ? alpha - initialWealth : alpha) * powerSpending(others - before + 1)
      })
      const level = Math.min(lambda, (1 - lambda) * wealth)
      const rejected = p <= level
      if (p > lambda) others++
      if (rejected) remember(rejections, others)
      return { level, rejected }
    },
  }
}
