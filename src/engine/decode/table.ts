import type { Code } from '../../core/errors.ts'

/** Why a row, or a whole message, is no record. */
export class Fault {
  readonly code: Code
  readonly reason: string

  constructor(code: Code, reason: string) {
    this.code = code
    this.reason = reason
  }
}

/** A cell that its row does not have, as against one that is null. */
export const absent: unique symbol = Symbol('absent')

/** The rows of one message, whatever its format. Cells are strings, numbers, bigints, booleans, dates, null, bytes or lists. */
export interface Table {
  readonly rows: number
  /** Whether the columns are declared once for all rows, so that one which is absent cannot be in any. */
  readonly declared: boolean
  fault(row: number): Fault | undefined
  cell(row: number, slot: number): unknown
  /** The columns that a row has, for messages to people. */
  names(row: number): readonly string[]
}

/** What a cell holds, in words. */
export function found(cell: unknown): string {
  if (cell === absent) return 'nothing'
  if (cell === null || cell === undefined) return 'null'
  if (cell instanceof Uint8Array) return 'bytes'
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) return 'a list'
  if (cell instanceof Date) return 'a date'
  if (typeof cell === 'object') return Symbol.iterator in cell ? 'a list' : 'an object'
  return `a ${typeof cell}`
}
