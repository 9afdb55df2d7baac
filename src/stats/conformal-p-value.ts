import { countAtLeast } from './count-at-least.ts'

/**
 * (1 + #{c ≥ score}) / (n + 1): the conformal p-value of a score (larger = stranger) among n ascending calibration scores.
 * At most uniform where score and calibration are exchangeable, ties included (Vovk, Gammerman & Shafer, Algorithmic
 * Learning in a Random World, 2005). NaN for a NaN score.
 */
export function conformalPValue(calibrationSortedAscending: Float64Array, score: number): number {
  if (score !== score) return NaN
  return (1 + countAtLeast(calibrationSortedAscending, score)) / (calibrationSortedAscending.length + 1)
}
