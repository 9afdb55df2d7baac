/** Strings stored once: the value of row i is values[codes[i]], or none where codes[i] is -1. */
export interface Column {
  readonly values: readonly string[]
  readonly codes: Int32Array
}

export function column(rows: readonly (string | null | undefined)[]): Column {
  const index = new Map<string, number>()
  const codes = new Int32Array(rows.length)
  rows.forEach((value, row) => {
    if (value == null) {
      codes[row] = -1
      return
    }
    let code = index.get(value)
    if (code === undefined) index.set(value, (code = index.size))
    codes[row] = code
  })
  return { values: [...index.keys()], codes }
}

export function valueAt(of: Column, row: number): string | undefined {
  return of.values[of.codes[row] ?? -1]
}

export function selectColumn(of: Column, rows: ArrayLike<number>): Column {
  return { values: of.values, codes: Int32Array.from(rows, (row) => of.codes[row] ?? -1) }
}

/** The rows that have each value, of all rows or of these: the value of most rows first. */
export function rowsByValue(
  of: Column,
  rows: Iterable<number> = of.codes.keys(),
): (readonly [value: string, rows: readonly number[]])[] {
  const found = new Map<string, number[]>()
  for (const row of rows) {
    const value = valueAt(of, row)
    if (value === undefined) continue
    const own = found.get(value)
    if (own === undefined) found.set(value, [row])
    else own.push(row)
  }
  return [...found].toSorted(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1))
}
