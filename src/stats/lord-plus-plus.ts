import { remember, requireP, requireWealth, type OnlineFdr } from './online-fdr.ts'

/** γ_j = .07720838 ln(max(j, 2)) / (j e^√ln j), which sums to 1 (Javanmard & Montanari 2018, eq. 31). */
function spending(j: number): number {
  return (0.07720838 * Math.log(Math.max(j, 2))) / (j * Math.exp(Math.sqrt(Math.log(j))))
}

/**
 * LORD++ (A. Ramdas, F. Yang, M. J. Wainwright & M. I. Jordan, Online control of the false discovery rate with decaying
 * memory, NIPS 2017): α_t = γ_t w₀ + (α − w₀) γ_{t−τ₁} + α Σ_{j≥2} γ_{t−τ_j}, where τ_j is when the j-th was rejected.
 */
export function lordPlusPlus(alpha: number, initialWealth = alpha / 10): OnlineFdr {
  requireWealth(alpha, initialWealth)
  const rejections: number[] = []
  let t = 0
  return {
    next(p) {
      requireP(p)
      t++
      let level = spending(t) * initialWealth
      rejections.forEach((at, j) => {
        level += (j === 0 ? alpha - initialWealth : alpha) * spending(t - at)
      })
      const rejected = p <= level
      if (rejected) remember(rejections, t)
      return { level, rejected }
    },
  }
}
