import { valueAt, type Column } from '../../src/core/column.ts'
import { chiSquareHomogeneity } from '../../src/stats/chi-square-homogeneity.ts'
import { kolmogorovSmirnov } from '../../src/stats/kolmogorov-smirnov.ts'
import { quantile } from '../../src/stats/quantile.ts'
import type { Sample } from './sample.ts'

export interface MovedColumn {
  readonly name: string
  readonly p: number // times the number of tests: Bonferroni
  readonly how: string // for people
}

/** Values of a column that are told apart, the most frequent first; all others are one. */
const mostCategories = 40
const least = 0.01
const fewest = 10

/**
 * The columns of table rows whose values differ from trusted ones, most certain first: numbers by Kolmogorov-Smirnov,
 * categories and missing values by chi-square, corrected for the number of columns.
 */
export function columnsMoved(
  trusted: Sample['columns'],
  trustedRows: readonly number[],
  given: Sample['columns'],
  rows: readonly number[],
): MovedColumn[] {
  const columns = new Map(given)
  return trusted
    .flatMap(([name, before]) => {
      const now = columns.get(name)
      if (now === undefined || before instanceof Float64Array !== now instanceof Float64Array) return []
      const found =
        before instanceof Float64Array && now instanceof Float64Array
          ? [numbersMoved(pick(before, trustedRows), pick(now, rows)), ...missing(before, trustedRows, now, rows)]
          : [categoriesMoved(texts(before, trustedRows), texts(now, rows))]
      return found.map(({ p, how }) => ({ name, p: Math.min(1, p * trusted.length), how }))
    })
    .filter(({ p }) => p < least)
    .toSorted((a, b) => a.p - b.p || (a.name < b.name ? -1 : 1))
}

const pick = (values: Float64Array, rows: readonly number[]) => rows.map((row) => values[row] ?? NaN)
const texts = (values: Float64Array | Column, rows: readonly number[]) =>
  rows.map((row) => (values instanceof Float64Array ? null : (valueAt(values, row) ?? null)))
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

function numbersMoved(before: readonly number[], now: readonly number[]): { p: number; how: string } {
  const finite = (values: readonly number[]) =>
    Float64Array.from(values.filter((value) => Number.isFinite(value))).toSorted()
  const [a, b] = [finite(before), finite(now)]
  if (a.length < fewest || b.length < fewest) return { p: 1, how: '' }
  const median = (values: Float64Array) => Number(quantile(values, 0.5).toPrecision(4))
  const { statistic, p } = kolmogorovSmirnov(a, b)
  return { p, how: `median ${median(a)} before, ${median(b)} now (KS ${statistic.toFixed(2)})` }
}

function missing(before: Float64Array, trustedRows: readonly number[], now: Float64Array, rows: readonly number[]) {
  const count = (values: Float64Array, of: readonly number[]) => {
    const absent = pick(values, of).filter((value) => Number.isNaN(value)).length
    return [absent, of.length - absent] as const
  }
  const [a, b] = [count(before, trustedRows), count(now, rows)]
  if (trustedRows.length === 0 || rows.length === 0) return []
  const { p } = chiSquareHomogeneity(a, b)
  return [{ p, how: `missing in ${percent(a[0] / trustedRows.length)} before, ${percent(b[0] / rows.length)} now` }]
}

function categoriesMoved(
  before: readonly (string | null)[],
  now: readonly (string | null)[],
): { p: number; how: string } {
  if (before.length === 0 || now.length === 0) return { p: 1, how: '' }
  const counts = new Map<string | null, [number, number]>()
  for (const [side, values] of [before, now].entries()) {
    for (const value of values) {
      const count = counts.get(value) ?? [0, 0]
      count[side] = (count[side] ?? 0) + 1
      counts.set(value, count)
    }
  }
  const ordered = [...counts].toSorted(([, a], [, b]) => b[0] + b[1] - a[0] - a[1])
  const told = ordered.slice(0, mostCategories)
  const rest = ordered.slice(mostCategories)
  const others = (side: 0 | 1) => rest.reduce((sum, [, count]) => sum + count[side], 0)
  const { p } = chiSquareHomogeneity(
    [...told.map(([, [a]]) => a), others(0)],
    [...told.map(([, [, b]]) => b), others(1)],
  )
  const share = ([a, b]: readonly [number, number]) => [a / before.length, b / now.length] as const
  const [value, most] = told.reduce((worst, each) => {
    const gap = ([, count]: (typeof told)[number]) => Math.abs(share(count)[1] - share(count)[0])
    return gap(each) > gap(worst) ? each : worst
  })
  const [was, is] = share(most)
  return {
    p,
    how: `${value === null ? 'missing' : JSON.stringify(value)} in ${percent(was)} before, ${percent(is)} now`,
  }
}
