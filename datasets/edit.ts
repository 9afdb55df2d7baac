import { select, type Records } from '../src/core/batch.ts'
import type { Column } from '../src/core/column.ts'
import { TasterError } from '../src/core/errors.ts'

/** A column with `value` in the rows named. */
function replaced(of: Column, rows: ArrayLike<number>, value: (row: number) => string): Column {
  const values = [...of.values]
  const codes = of.codes.slice()
  const index = new Map(values.map((name, code) => [name, code]))
  for (let i = 0; i < rows.length; i++) {
    const name = value(rows[i] ?? 0)
    let code = index.get(name)
    if (code === undefined) {
      code = values.push(name) - 1
      index.set(name, code)
    }
    codes[rows[i] ?? 0] = code
  }
  return { values, codes }
}

export function relabelled(records: Records, rows: ArrayLike<number>, label: (row: number) => string): Records {
  return { ...records, label: replaced(records.label, rows, label) }
}

export function resourced(records: Records, rows: ArrayLike<number>, source: (row: number) => string): Records {
  return { ...records, source: replaced(records.source, rows, source) }
}

export function rewritten(records: Records, rows: ArrayLike<number>, rewrite: (text: string) => string): Records {
  const { content } = records
  if (content.kind !== 'text') throw unsuitable('text', content.kind)
  const text = [...content.text]
  for (let i = 0; i < rows.length; i++) text[rows[i] ?? 0] = rewrite(text[rows[i] ?? 0] ?? '')
  return { ...records, content: { kind: 'text', text } }
}

/** The shape of one image: pixels are height × width × channels bytes, row-major. */
export interface Shape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

export function shapeOf(records: Records): Shape {
  if (records.content.kind !== 'image') throw unsuitable('image', records.content.kind)
  return records.content
}

/** One image as a view of its records' pixels. */
export function imageAt(records: Records, row: number): Uint8Array {
  const { content } = records
  if (content.kind !== 'image') throw unsuitable('image', content.kind)
  const size = content.height * content.width * content.channels
  return content.pixels.subarray(row * size, (row + 1) * size)
}

/** `paint` changes in place the copy of each image that it is given. */
export function repainted(records: Records, rows: ArrayLike<number>, paint: (image: Uint8Array) => void): Records {
  const { content } = records
  if (content.kind !== 'image') throw unsuitable('image', content.kind)
  const result: Records = { ...records, content: { ...content, pixels: content.pixels.slice() } }
  for (let i = 0; i < rows.length; i++) paint(imageAt(result, rows[i] ?? 0))
  return result
}

export interface Inserted {
  readonly records: Records
  readonly rows: Int32Array // rows of the copies in `records`, ascending
  readonly origin: Int32Array // per row of `records`
}

/**
 * Puts a copy of record `copied[i]` before the record `before[i]` (the number of records: at the end). A copy arrives at the time
 * of the record before it, and its id is the copied one's with `~` and a number.
 */
export function withCopies(records: Records, copied: Int32Array, before: Int32Array): Inserted {
  const size = records.id.length
  const at = Array.from({ length: size + 1 }, (): number[] => [])
  before.forEach((position, i) => at[position]?.push(copied[i] ?? 0))
  const origin: number[] = []
  const rows: number[] = []
  const times: number[] = []
  at.forEach((copies, position) => {
    for (const row of copies) {
      rows.push(origin.push(row) - 1)
      times.push(records.at[Math.max(0, position - 1)] ?? NaN)
    }
    if (position < size) origin.push(position)
  })
  const merged = select(records, origin)
  const id = [...merged.id]
  const time = merged.at.slice()
  rows.forEach((row, i) => {
    id[row] = `${id[row]}~${i + 1}`
    time[row] = times[i] ?? NaN
  })
  return { records: { ...merged, id, at: time }, rows: Int32Array.from(rows), origin: Int32Array.from(origin) }
}

export function unsuitable(needed: string, kind: string): TasterError {
  return new TasterError('CONFIG_INVALID', `this attack changes ${needed}, the records hold content of kind "${kind}"`)
}
