/**
 * Indices of the hypotheses rejected at false discovery rate q, smallest p first, equal p in their order
 * (Y. Benjamini & Y. Hochberg, J. R. Statist. Soc. B 57, 1995). NaN is no hypothesis: it is not rejected and not counted.
 */
export function benjaminiHochberg(p: Float64Array, q: number): Int32Array {
  const sorted = p.slice().sort() // numeric; NaN last
  let tested = sorted.length
  while (tested > 0 && Number.isNaN(sorted[tested - 1])) tested--
  let rejected = tested
  while (rejected > 0 && (sorted[rejected - 1] ?? 0) * tested > q * rejected) rejected--
  const largest = sorted[rejected - 1]
  if (largest === undefined) return new Int32Array(0)
  const indices = new Int32Array(rejected)
  let found = 0
  for (let i = 0; i < p.length; i++) if ((p[i] ?? NaN) <= largest) indices[found++] = i
  return indices.sort((i, j) => (p[i] ?? 0) - (p[j] ?? 0) || i - j)
}
