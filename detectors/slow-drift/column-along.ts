import type { Encoded } from '../../src/core/encoded.ts'

const least = 0.3

/** The numeric column of table rows that goes along with a score most, where one does (|correlation| ≥ 0.3). */
export function columnAlong({ records }: Encoded, scores: Float64Array): { name: string; correlation: number } | null {
  if (records.content.kind !== 'row') return null
  let found: { name: string; correlation: number } | null = null
  for (const [name, values] of records.content.columns) {
    if (!(values instanceof Float64Array)) continue
    const correlation = correlationOf(values, scores)
    if (Math.abs(correlation) >= Math.max(least, Math.abs(found?.correlation ?? 0))) found = { name, correlation }
  }
  return found
}

/** Of the finite pairs, 0 where they do not vary. */
function correlationOf(a: Float64Array, b: Float64Array): number {
  const rows = Array.from(a, (_, row) => row).filter((row) => Number.isFinite(a[row]))
  const mean = (of: Float64Array) => rows.reduce((sum, row) => sum + (of[row] ?? 0) / rows.length, 0)
  const [centreA, centreB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (const row of rows) {
    const [x, y] = [(a[row] ?? 0) - centreA, (b[row] ?? 0) - centreB]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  const correlation = ab / Math.sqrt(aa) / Math.sqrt(bb)
  return Number.isFinite(correlation) ? Math.min(1, Math.max(-1, correlation)) : 0
}
