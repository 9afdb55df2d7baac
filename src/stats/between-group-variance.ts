/**
 * Per column, the variance that group means have beyond the noise of their members: (MSB − MSW) / n₀ of a one-way analysis
 * of variance with random effects, at least 0 (Searle, Casella & McCulloch, Variance Components, 1992, section 3.6).
 * `group` names the group of each row by a number from 0. Zeros where there are fewer than two groups, or no group of two.
 */
export function betweenGroupVariance(data: Float64Array, cols: number, group: Int32Array): Float64Array {
  const rows = group.length
  const groups = group.reduce((most, each) => Math.max(most, each + 1), 0)
  const counts = new Float64Array(groups)
  for (const each of group) counts[each] = (counts[each] ?? 0) + 1
  const present = counts.filter((count) => count > 0)
  const variance = new Float64Array(cols)
  if (present.length < 2 || present.length === rows) return variance
  const usual = (rows - present.reduce((sum, count) => sum + count * count, 0) / rows) / (present.length - 1)
  for (let j = 0; j < cols; j++) {
    const sums = new Float64Array(groups)
    let total = 0
    for (let row = 0; row < rows; row++) {
      const value = data[row * cols + j] ?? 0
      total += value
      sums[group[row] ?? 0] = (sums[group[row] ?? 0] ?? 0) + value
    }
    const mean = total / rows
    const means = sums.map((sum, g) => sum / Math.max(1, counts[g] ?? 1))
    const between = means.reduce((sum, each, g) => sum + (counts[g] ?? 0) * (each - mean) ** 2, 0)
    let within = 0
    for (let row = 0; row < rows; row++) within += ((data[row * cols + j] ?? 0) - (means[group[row] ?? 0] ?? 0)) ** 2
    const excess = between / (present.length - 1) - within / (rows - present.length)
    variance[j] = Math.max(0, excess / usual)
  }
  return variance
}
