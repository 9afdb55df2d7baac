import { sizeOf, type Records } from '../core/batch.ts'
import { valueAt, type Column } from '../core/column.ts'

export type Uniform = () => number

/** One of some things, each equally likely; undefined of none. */
export function pick<T>(from: ArrayLike<T>, uniform: Uniform): T | undefined {
  return from[Math.floor(uniform() * from.length)]
}

export function rowsWhere(records: Records, holds: (row: number) => boolean): number[] {
  return Array.from({ length: sizeOf(records) }, (_, row) => row).filter(holds)
}

/** At most `count` of the rows, each equally likely, in ascending order. */
export function drawRows(rows: readonly number[], count: number, uniform: Uniform): number[] {
  const left = [...rows]
  const drawn: number[] = []
  while (drawn.length < count && left.length > 0) {
    const at = Math.floor(uniform() * left.length)
    drawn.push(...left.slice(at, at + 1))
    left[at] = left.at(-1) ?? 0
    left.pop()
  }
  return drawn.toSorted((a, b) => a - b)
}

/** A column in which the rows named have `value`. */
export function withValue(of: Column, rows: readonly number[], value: string): Column {
  const known = of.values.indexOf(value)
  const code = known === -1 ? of.values.length : known
  const codes = of.codes.slice()
  for (const row of rows) codes[row] = code
  return { values: known === -1 ? [...of.values, value] : of.values, codes }
}

export function relabelled(records: Records, rows: readonly number[], label: string): Records {
  return { ...records, label: withValue(records.label, rows, label) }
}

/** Values of a column that occur, in the order in which they do. */
export function valuesIn(of: Column): string[] {
  return [...new Set(of.codes)].flatMap((code) => of.values[code] ?? [])
}

/** A label that occurs, the likelier the more often it does, and another that does; null where there is only one. */
export function drawPair(records: Records, uniform: Uniform): { readonly from: string; readonly to: string } | null {
  const labelled = rowsWhere(records, (row) => valueAt(records.label, row) !== undefined)
  const from = valueAt(records.label, pick(labelled, uniform) ?? -1)
  const to = pick(
    valuesIn(records.label).filter((label) => label !== from),
    uniform,
  )
  return from === undefined || to === undefined ? null : { from, to }
}

/** Rows that have another label than this one. */
export function rowsWithout(records: Records, label: string): number[] {
  return rowsWhere(records, (row) => (valueAt(records.label, row) ?? label) !== label)
}
