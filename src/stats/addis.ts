import { powerSpending, remember, requireP, requireWealth, type OnlineFdr } from './online-fdr.ts'

/**
 * ADDIS (J. Tian & A. Ramdas, NeurIPS 2019): SAFFRON that also spends nothing on hypotheses whose p is above τ, since
 * null p-values tend to be larger than uniform ones. With ages counted in hypotheses between λ and τ,
 * α_t = min{λ, (τ − λ)(w₀ γ_{S−C₀+1} + (α − w₀) γ_{S−κ₁−C₁+1} + α Σ_{j≥2} γ_{S−κ_j−C_j+1})}.
 */
export function addis(alpha: number, initialWealth = alpha / 2, lambda = 0.25, tau = 0.5): OnlineFdr {
  requireWealth(alpha, initialWealth)
  if (!(lambda > 0 && lambda < tau && tau <= 1))
    throw new RangeError(`lambda is ${lambda} and tau ${tau}; lambda must be above 0 and below tau, and tau at most 1`)
  const rejections: number[] = [] // of each, `between` just after it
  let between = 0 // hypotheses so far with λ < p ≤ τ
  return {
    next(p) {
      requireP(p)
      let wealth = initialWealth * powerSpending(between + 1)
      rejections.forEach((before, j) => {
        wealth += (j === 0 ? alpha - initialWealth : alpha) * powerSpending(between - before + 1)
      })
      const level = Math.min(lambda, (tau - lambda) * wealth)
      const rejected = p <= level
      if (p > lambda && p <= tau) between++
      if (rejected) remember(rejections, between)
      return { level, rejected }
    },
  }
}
