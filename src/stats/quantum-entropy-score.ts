import type { Matrix } from '../core/matrix.ts'

/** The leading eigenpairs of a second moment of whitened vectors, largest first. */
export interface Spectrum {
  readonly values: Float64Array // ≥ 0
  readonly directions: Matrix // values × dims, orthonormal rows
}

/**
 * The QUE score of a whitened vector h: hᵀQh / tr Q with Q = exp(alpha · S / ‖S‖₂), S the second moment that the spectrum
 * is of (Dong, Hopkins & Li 2019, "Quantum entropy scoring for fast robust mean estimation"; in the form that Hayase et
 * al. 2021, "SPECTRE", use against backdoors). Directions beyond the spectrum count as if S were zero along them; a
 * multiple of I added to S changes nothing. Without any direction it is |h|² / dims.
 */
export function quantumEntropyScore(h: ArrayLike<number>, { values, directions }: Spectrum, alpha: number): number {
  const { cols, data } = directions
  const largest = values[0] ?? 0
  let score = 0
  for (let j = 0; j < cols; j++) score += (h[j] ?? 0) ** 2
  let trace = cols
  if (!(largest > 0)) return score / trace
  for (let i = 0; i < values.length; i++) {
    const weight = Math.expm1((alpha * (values[i] ?? 0)) / largest)
    let along = 0
    for (let j = 0; j < cols; j++) along += (h[j] ?? 0) * (data[i * cols + j] ?? 0)
    score += weight * along ** 2
    trace += weight
  }
  return score / trace
}
