import { selectColumn, type Column } from './column.ts'
import { selectRows, type Matrix } from './matrix.ts'
import type { Message } from './message.ts'

export type Content =
  | { readonly kind: 'text'; readonly text: readonly string[] }
  | {
      readonly kind: 'image'
      readonly height: number
      readonly width: number
      readonly channels: number
      readonly pixels: Uint8Array // rows × height × width × channels
    }
  | { readonly kind: 'row'; readonly columns: ReadonlyMap<string, Float64Array | Column> } // NaN and -1: missing
  | { readonly kind: 'vector'; readonly vectors: Matrix }

export type ContentKind = Content['kind']

/** Training records, column by column: row i is record i in every column. */
export interface Records {
  readonly id: readonly string[]
  readonly source: Column // -1 where the record names none
  readonly label: Column // -1 where missing
  readonly at: Float64Array // event time, epoch ms; NaN = unknown
  readonly content: Content
}

/** A part of a message that could not become a record. `row` is the row within the message. */
export interface Rejected {
  readonly message: number
  readonly row: number
  readonly code: string // a stable code of core/errors.ts
  readonly reason: string // what is wrong, where, and what would be right
}

/** A column that the pipeline names for a part of records, though it is optional, and that no row of a batch has. */
export interface AbsentColumn {
  readonly part: 'id' | 'source' | 'time' | 'label'
  readonly name: string
  readonly nearest: string | null // the column of the first record that was probably meant
}

/** Records that get one verdict together, with the messages they came in. */
export interface Batch extends Records {
  readonly digest: string // sha256 over the messages' bytes, in order
  readonly messages: readonly Message[]
  readonly messageOf: Int32Array // record → index in messages
  readonly rowOf: Int32Array // record → row within its message
  readonly rejected: readonly Rejected[]
  readonly absent?: readonly AbsentColumn[] // without records nothing can be said
}

export function sizeOf(records: Records): number {
  return records.id.length
}

function selectContent(content: Content, rows: ArrayLike<number>): Content {
  switch (content.kind) {
    case 'text':
      return { kind: 'text', text: Array.from(rows, (row) => content.text[row] ?? '') }
    case 'image': {
      const size = content.height * content.width * content.channels
      const pixels = new Uint8Array(rows.length * size)
      for (let i = 0; i < rows.length; i++) {
        const start = (rows[i] ?? 0) * size
        pixels.set(content.pixels.subarray(start, start + size), i * size)
      }
      return { ...content, pixels }
    }
    case 'row':
      return {
        kind: 'row',
        columns: new Map(
          [...content.columns].map(([name, values]) => [
            name,
            values instanceof Float64Array
              ? Float64Array.from(rows, (row) => values[row] ?? NaN)
              : selectColumn(values, rows),
          ]),
        ),
      }
    case 'vector':
      return { kind: 'vector', vectors: selectRows(content.vectors, rows) }
  }
}

/** The named rows, in the order named; a row may be named more than once. */
export function select(records: Records, rows: ArrayLike<number>): Records {
  return {
    id: Array.from(rows, (row) => records.id[row] ?? ''),
    source: selectColumn(records.source, rows),
    label: selectColumn(records.label, rows),
    at: Float64Array.from(rows, (row) => records.at[row] ?? NaN),
    content: selectContent(records.content, rows),
  }
}
