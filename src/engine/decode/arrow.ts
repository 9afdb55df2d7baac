import { DataType, Precision, Vector, type Table as ArrowTable } from 'apache-arrow'
import { readArrowTable } from './arrow-table.ts'
import { ipcMessages } from './ipc.ts'
import type { Limits } from './limits.ts'
import { absent, Fault, type Table } from './table.ts'
import { utf8 } from './utf8.ts'

/** The rows of an Arrow IPC stream. Dictionaries are resolved, lists come as typed arrays or vectors. */
export function arrowTable(value: Uint8Array, columns: readonly string[], limits: Limits): Table | Fault {
  if (isArrowFile(value))
    return new Fault('BYTES_MALFORMED', 'the message holds an Arrow file; messages are read as Arrow IPC streams')
  const rows = rowsOf(value)
  if (rows > limits.messageRows)
    return new Fault('RECORD_TOO_LARGE', `the message has ${rows} rows, over the limit of ${limits.messageRows}`)
  const table = readArrowTable(value, 2 * limits.batchBytes)
  if (table.numCols > limits.columns)
    return new Fault('RECORD_TOO_LARGE', `the table has ${table.numCols} columns, over the limit of ${limits.columns}`)
  const vectors = columns.map((name) => vectorAt(table, name))
  const doubtful = vectors.map((vector) => vector !== null && DataType.isUtf8(vector.type))
  const names = table.schema.fields.map((field) => field.name)
  return {
    rows: table.numRows,
    declared: true,
    fault: () => undefined,
    cell: (row, slot) => {
      const vector = vectors[slot]
      if (vector == null) return absent
      const cell: unknown = vector.get(row)
      if (typeof cell === 'string' && doubtful[slot] === true && cell.includes('\ufffd') && !isText(vector, row))
        throw new Fault('BYTES_NOT_UTF8', `column '${columns[slot]}' is not UTF-8`)
      return scalar(cell, vector.type, limits)
    },
    names: () => names,
  }
}

const fileMagic = Buffer.from('ARROW1')

function isArrowFile(value: Uint8Array): boolean {
  return Buffer.compare(value.subarray(0, fileMagic.length), fileMagic) === 0
}

/** A column, or a member of a struct column by its dotted name. */
function vectorAt(table: ArrowTable, name: string): Vector | null {
  const whole = table.getChild(name)
  if (whole !== null) return whole
  const [first = '', ...rest] = name.split('.')
  return rest.reduce<Vector | null>(
    (at, step) => at?.getChild(step) ?? null,
    rest.length > 0 ? table.getChild(first) : null,
  )
}

/**
 * The rows that the stream says it has. Its metadata is checked first: the reader believes what it says, and bytes that
 * say of themselves that they hold a billion columns must not be believed.
 */
function rowsOf(value: Uint8Array): number {
  let rows = 0
  let schemas = 0
  for (const message of ipcMessages(value)) {
    if (message.kind === 'schema') schemas++
    if (message.kind === 'batch') rows += message.rows
  }
  if (schemas !== 1) throw new Fault('BYTES_MALFORMED', `the message holds ${schemas} Arrow schemas, not one`)
  return rows
}

/** Times become dates, decimals numbers, lists arrays. */
function scalar(cell: unknown, type: DataType, limits: Limits): unknown {
  if (typeof cell === 'number' && (DataType.isTimestamp(type) || DataType.isDate(type))) return new Date(cell)
  if (cell instanceof Uint32Array && DataType.isDecimal(type)) return decimal(cell, type.scale)
  return cell instanceof Vector ? listOf(cell, { left: limits.recordBytes }) : cell
}

/** Little-endian two's complement, `scale` digits behind the point. */
function decimal(words: Uint32Array, scale: number): number {
  const bits = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  return Number(BigInt.asIntN(words.length * 32, bits)) / 10 ** scale
}

/** A list becomes its typed array where it has no nulls; nested lists become arrays of arrays, `left` values in all. */
function listOf(cell: Vector, budget: { left: number }): unknown {
  budget.left -= cell.length
  if (budget.left < 0) throw new Fault('RECORD_TOO_LARGE', 'a list has more values than a record may have bytes')
  const type: DataType = cell.type
  const isHalf = DataType.isFloat(type) && type.precision === Precision.HALF
  if (cell.nullCount === 0 && (DataType.isFloat(type) || DataType.isInt(type)) && !isHalf) return cell.toArray()
  return Array.from(cell, (value: unknown) => (value instanceof Vector ? listOf(value, budget) : value))
}

/** Arrow's reader replaces bytes that are not UTF-8; a replacement character sends us back to the bytes. */
function isText(vector: Vector, row: number): boolean {
  let at = row
  for (const data of vector.data) {
    if (at >= data.length) {
      at -= data.length
      continue
    }
    const offsets = data.valueOffsets
    const values: unknown = data.values
    if (!(offsets instanceof Int32Array) || !(values instanceof Uint8Array)) return true
    return utf8(values.subarray(offsets[at] ?? 0, offsets[at + 1] ?? 0)) !== undefined
  }
  return true
}
