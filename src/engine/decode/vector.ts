import { missing } from './scalar.ts'
import { absent, Fault, found } from './table.ts'

/**
 * The numbers of a vector: a list, a typed array, or text such as `[0.1, 2]` or `0.1 2` (as CSV files hold it). Throws a
 * Fault; `dims` undefined takes any length but none.
 */
export function numbersOf(cell: unknown, name: string, dims: number | undefined): ArrayLike<unknown> {
  if (cell === absent) throw missing(name)
  const list = listOf(cell)
  if (list === undefined)
    throw new Fault('FIELD_MISTYPED', `column '${name}' must be a list of numbers, found ${found(cell)}`)
  if (list.length === 0 || (dims !== undefined && list.length !== dims))
    throw new Fault('VALUE_WRONG_SHAPE', `'${name}' has ${list.length} numbers, not ${dims ?? 'one or more'}`)
  return list
}

/** Writes the numbers of a vector as finite float32 from `at` on. Throws a Fault; then some may have been written. */
export function writeVector(list: ArrayLike<unknown>, name: string, into: Float32Array, at: number): void {
  for (let i = 0; i < list.length; i++) {
    const value = list[i]
    if (value === absent) throw missing(`${name}[${i}]`)
    const number = typeof value === 'bigint' ? Number(value) : typeof value === 'string' ? textNumber(value) : value
    if (number === null) throw new Fault('VALUE_NOT_FINITE', `'${name}' has no value at place ${i}`)
    if (typeof number !== 'number')
      throw new Fault('FIELD_MISTYPED', `'${name}' must hold numbers, found ${found(value)} at place ${i}`)
    into[at + i] = number
    // What is finite as float64 may be too large for the float32 that vectors are kept in.
    if (!Number.isFinite(into[at + i])) throw new Fault('VALUE_NOT_FINITE', `'${name}' is ${number} at place ${i}`)
  }
}

function listOf(cell: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(cell)) return cell as readonly unknown[]
  if (ArrayBuffer.isView(cell) && !(cell instanceof DataView) && !(cell instanceof Uint8Array))
    return cell as unknown as ArrayLike<unknown>
  if (typeof cell !== 'string') return undefined
  const inner = cell
    .trim()
    .replace(/^[[(]/, '')
    .replace(/[\])]$/, '')
    .trim()
  return inner === '' ? [] : inner.split(/[\s,;]+/)
}

function textNumber(text: string): number | string {
  if (/^[+-]?(nan|inf|infinity)$/i.test(text)) return NaN
  const value = Number(text)
  return text === '' || Number.isNaN(value) ? text : value
}
