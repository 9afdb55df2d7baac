import { quantile } from '../../stats/quantile.ts'

/** A numeric column of the reference: how its values are scaled, and between which edges its bins lie. */
export interface NumberColumn {
  readonly name: string
  readonly center: number // median
  readonly scale: number // 0: constant in the reference, its values say nothing
  readonly edges: Float64Array // ascending, distinct: lowest value, deciles, highest value
}

/** Standard deviation of a normal variable over its interquartile range. */
const perQuartiles = 1 / 1.3489795003921634

/** Learns a column from reference values; NaN is a missing value. */
export function numberColumn(name: string, values: Float64Array): NumberColumn {
  const sorted = values.filter(Number.isFinite).toSorted()
  if (sorted.length === 0) return { name, center: 0, scale: 0, edges: new Float64Array(0) }
  const center = quantile(sorted, 0.5) + 0 // no -0
  const edges = new Set<number>()
  for (let decile = 0; decile <= 10; decile++) edges.add(quantile(sorted, decile / 10))
  return { name, center, scale: spread(sorted, center), edges: Float64Array.from(edges).toSorted() }
}

// Where half the values are one value, the quartiles coincide: then the mean distance from the median stands in.
function spread(sorted: Float64Array, center: number): number {
  const quartiles = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) * perQuartiles
  if (quartiles > 0 && Number.isFinite(quartiles)) return quartiles
  let sum = 0
  for (const value of sorted) sum += Math.abs(value - center) / sorted.length
  return Number.isFinite(sum) ? sum : Number.MAX_VALUE
}

/** Distance from the median in robust standard deviations, at most `clip` either way. */
export function scaled({ center, scale }: NumberColumn, value: number, clip: number): number {
  if (scale === 0) return 0
  return Math.max(-clip, Math.min(clip, (value - center) / scale))
}

/** 0: missing; 1: below every trusted value; then one for each two neighbouring edges; the last: above every one. */
export function binOf(of: NumberColumn, value: number): number {
  const { edges } = of
  if (!Number.isFinite(value)) return 0
  if (edges.length === 0 || value < (edges[0] ?? 0)) return 1
  if (value > (edges[edges.length - 1] ?? 0)) return aboveOf(of)
  let low = 0
  let high = Math.max(0, edges.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((edges[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low + 2
}

export function binName(of: NumberColumn, bin: number): string {
  const { name, edges } = of
  const shown = (i: number) => String(Number((edges[i] ?? 0).toPrecision(6)))
  if (bin === 0) return `${name} is missing`
  if (edges.length === 0) return `${name} has a value`
  if (bin === 1) return `${name} < ${shown(0)}`
  if (bin === aboveOf(of)) return `${name} > ${shown(edges.length - 1)}`
  if (edges.length === 1) return `${name} = ${shown(0)}`
  return `${name} in [${shown(bin - 2)}, ${shown(bin - 1)}${bin + 1 === aboveOf(of) ? ']' : ')'}`
}

const aboveOf = ({ edges }: NumberColumn) => Math.max(1, edges.length - 1) + 2
