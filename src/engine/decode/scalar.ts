import { absent, Fault, found } from './table.ts'

/** A name: of a record, a source, a label, a category. Undefined where the cell is absent, null or empty. */
export function nameOf(cell: unknown, what: string): string | undefined {
  if (typeof cell === 'string') return cell === '' ? undefined : cell
  if (typeof cell === 'number') return Number.isNaN(cell) ? undefined : String(cell)
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell)
  if (cell === absent || cell === null || cell === undefined) return undefined
  if (cell instanceof Date && !Number.isNaN(cell.getTime())) return cell.toISOString()
  throw new Fault('FIELD_MISTYPED', `${what} must be text, a number or a boolean, found ${found(cell)}`)
}

// Epoch numbers tell their unit by their size: seconds until the year 5138, milliseconds from March 1973 on, and so on.
const units = [
  [1e11, 1000],
  [1e14, 1],
  [1e17, 1e-3],
  [Infinity, 1e-6],
] as const

/** Event time in epoch ms; NaN where there is none that can be read. */
export function timeOf(cell: unknown): number {
  if (cell instanceof Date) return cell.getTime()
  if (typeof cell === 'string') return /^-?\d+(\.\d+)?$/.test(cell) ? timeOf(Number(cell)) : Date.parse(cell)
  if (typeof cell !== 'number' && typeof cell !== 'bigint') return NaN
  const value = Number(cell)
  const unit = units.find(([below]) => Math.abs(value) < below)
  return unit === undefined ? NaN : value * unit[1]
}

const decimalNumber = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i
const notFinite = /^\s*[+-]?(nan|inf|infinity)\s*$/i

/**
 * A number, or NaN where the cell is null, empty or blank: a missing value.
 * Text counts where it is a decimal number. NaN and infinities are no missing values, they are faults.
 */
export function numberOf(cell: unknown, name: string): number {
  if (cell === null || cell === undefined) return NaN
  if (typeof cell === 'string') {
    if (cell.trim() === '') return NaN
    if (decimalNumber.test(cell)) return finite(Number(cell), name)
    if (notFinite.test(cell)) throw new Fault('VALUE_NOT_FINITE', `column '${name}' is ${cell.trim()}`)
    throw new Fault('FIELD_MISTYPED', `column '${name}' must be a number, found the text '${cut(cell)}'`)
  }
  if (typeof cell === 'number') return finite(cell, name)
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell)
  if (cell instanceof Date) return cell.getTime()
  if (cell === absent) throw missing(name)
  throw new Fault('FIELD_MISTYPED', `column '${name}' must be a number, found ${found(cell)}`)
}

function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value
  throw new Fault('VALUE_NOT_FINITE', `column '${name}' is ${value}; a missing value is null or empty`)
}

export function missing(name: string): Fault {
  return new Fault('FIELD_MISSING', `there is no column '${name}'`)
}

export function cut(text: string, length = 40): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}
