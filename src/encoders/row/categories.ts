import type { Column } from '../../core/column.ts'
import { hash32 } from '../../core/hash.ts'

/** A category column of the reference: one dimension a value where there are few, else hashed buckets. */
export interface CategoryColumn {
  readonly name: string
  readonly values: readonly string[] // sorted; empty where there are too many
  readonly buckets: number // dimensions for all other values
}

/** Buckets for values that the reference does not have, beside the dimensions of those it has. */
const unseen = 4

export function categoryColumn(name: string, { values, codes }: Column, maxCategories: number): CategoryColumn {
  const present = new Set<string>()
  for (const code of codes) {
    const value = values[code]
    if (value !== undefined) present.add(value)
  }
  if (present.size > maxCategories) return { name, values: [], buckets: maxCategories }
  return { name, values: [...present].toSorted(), buckets: unseen }
}

/** Looks up each distinct value of a batch once: a number a value, found when it is first asked for. */
export function byValue({ values, codes }: Column, of: (value: string) => number): (row: number) => number | undefined {
  const known = new Map<number, number>()
  return (row) => {
    const code = codes[row] ?? -1
    const value = values[code]
    if (value === undefined) return undefined
    let found = known.get(code)
    if (found === undefined) known.set(code, (found = of(value)))
    return found
  }
}

/** The dimension of a value within its column: its own, or a bucket. */
export function dimensionOf({ values, buckets }: CategoryColumn, value: string, salt: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] ?? '') < value) low = middle + 1
    else high = middle
  }
  return values[low] === value ? low : values.length + (hash32(value, salt) % buckets)
}
