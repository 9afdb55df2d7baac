import { DataType, Precision, tableFromIPC, Vector, type Table as ArrowTable } from 'apache-arrow'
import type { Limits } from './limits.ts'
import { absent, Fault, type Table } from './table.ts'
import { utf8 } from './utf8.ts'

/** The rows of an Arrow IPC stream. Dictionaries are resolved, lists come as typed arrays or vectors. */
export function arrowTable(value: Uint8Array, columns: readonly string[], limits: Limits): Table | Fault {
  const table = tableFromIPC(value)
  if (table.numRows > limits.messageRows)
    return new Fault(
      'RECORD_TOO_LARGE',
      `the message has ${table.numRows} rows, over the limit of ${limits.messageRows}`,
    )
  if (table.numCols > limits.columns)
    return new Fault('RECORD_TOO_LARGE', `the table has ${table.numCols} columns, over the limit of ${limits.columns}`)
  if (table.batches.length === 0 && value.length > 0 && table.numCols === 0)
    return new Fault('BYTES_MALFORMED', 'the message holds no Arrow schema')
  const vectors = columns.map((name) => vectorAt(table, name))
  const doubtful = vectors.map((vector) => vector !== null && DataType.isUtf8(vector.type))
  const names = table.schema.fields.map((field) => field.name)
  return {
    rows: table.numRows,
    fault: () => undefined,
    cell: (row, slot) => {
      const vector = vectors[slot]
      if (vector == null) return absent
      const cell: unknown = vector.get(row)
      if (typeof cell === 'string' && doubtful[slot] === true && cell.includes('\ufffd') && !isText(vector, row))
        throw new Fault('BYTES_NOT_UTF8', `column '${columns[slot]}' is not UTF-8`)
      return scalar(cell, vector.type)
    },
    names: () => names,
  }
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

/** Times become dates, decimals numbers, lists arrays. */
function scalar(cell: unknown, type: DataType): unknown {
  if (typeof cell === 'number' && (DataType.isTimestamp(type) || DataType.isDate(type))) return new Date(cell)
  if (cell instanceof Uint32Array && DataType.isDecimal(type)) return decimal(cell, type.scale)
  return plain(cell)
}

/** Little-endian two's complement, `scale` digits behind the point. */
function decimal(words: Uint32Array, scale: number): number {
  const bits = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  return Number(BigInt.asIntN(words.length * 32, bits)) / 10 ** scale
}

/** A list becomes its typed array where it has no nulls; nested lists become arrays of arrays. */
function plain(cell: unknown): unknown {
  if (!(cell instanceof Vector)) return cell
  const inner: DataType = cell.type
  if (
    cell.nullCount === 0 &&
    (DataType.isFloat(inner) || DataType.isInt(inner)) &&
    !(DataType.isFloat(inner) && inner.precision === Precision.HALF)
  )
    return cell.toArray()
  return Array.from(cell, plain)
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
