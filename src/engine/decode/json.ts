import { elementsOf } from './json-array.ts'
import { tooLarge, type Limits } from './limits.ts'
import { absent, Fault, found, type Table } from './table.ts'
import { utf8 } from './utf8.ts'

/** One JSON object. Its own properties are its columns, whatever they are called. */
export function recordTable(value: Uint8Array, paths: Paths, limits: Limits): Table {
  return tableOf([parseRecord(value, limits)], paths)
}

/** JSON objects in one array, a row each. An element that cannot be read is a row with a fault. */
export function arrayTable(value: Uint8Array, paths: Paths, limits: Limits): Table | Fault {
  const rows: (JsonObject | Fault)[] = []
  for (const element of elementsOf(value)) {
    if (rows.length === limits.messageRows) return tooManyRows(limits)
    rows.push(element instanceof Fault ? element : parseRecord(element, limits))
  }
  return tableOf(rows, paths)
}

/** JSON objects, one a line. A line that cannot be read is a row with a fault; blank lines are no rows. */
export function linesTable(value: Uint8Array, paths: Paths, limits: Limits): Table | Fault {
  const rows: (JsonObject | Fault)[] = []
  for (let start = 0; start < value.length;) {
    const newline = value.indexOf(10, start)
    const end = newline === -1 ? value.length : newline
    const line = value.subarray(start, end)
    if (line.some((byte) => byte > 32)) rows.push(parseRecord(line, limits))
    if (rows.length > limits.messageRows) return tooManyRows(limits)
    start = end + 1
  }
  return tableOf(rows, paths)
}

function tooManyRows(limits: Limits): Fault {
  return new Fault('RECORD_TOO_LARGE', `the message has more than ${limits.messageRows} rows`)
}

type JsonObject = { readonly [name: string]: unknown }

function tableOf(rows: readonly (JsonObject | Fault)[], paths: Paths): Table {
  return {
    rows: rows.length,
    declared: false,
    fault: (row) => {
      const it = rows[row]
      return it instanceof Fault ? it : undefined
    },
    cell: (row, slot) => {
      const it = rows[row]
      const path = paths[slot]
      return it === undefined || it instanceof Fault || path === undefined ? absent : cellAt(it, path)
    },
    names: (row) => {
      const it = rows[row]
      return it === undefined || it instanceof Fault ? [] : namesOf(it)
    },
  }
}

interface Path {
  readonly name: string
  readonly steps: readonly string[]
}

export type Paths = readonly Path[]

/** Where columns are found in an object. */
export function pathsOf(columns: readonly string[]): Paths {
  return columns.map((name) => ({ name, steps: name.split('.') }))
}

/** A property called by the whole name goes before one reached by its parts. */
function cellAt(record: JsonObject, { name, steps }: Path): unknown {
  if (Object.hasOwn(record, name)) return record[name]
  if (steps.length === 1) return absent
  let at: unknown = record
  for (const step of steps) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return absent
    at = at[step]
  }
  return at
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function namesOf(record: JsonObject): readonly string[] {
  return Object.keys(record).flatMap((name) => {
    const inner = record[name]
    return isObject(inner) ? Object.keys(inner).map((part) => `${name}.${part}`) : [name]
  })
}

function parseRecord(value: Uint8Array, limits: Limits): JsonObject | Fault {
  if (value.length > limits.recordBytes) return tooLarge(value.length, limits)
  const text = utf8(value)
  if (text === undefined) return new Fault('BYTES_NOT_UTF8', 'the record is not UTF-8: JSON must be encoded as UTF-8')
  const depth = deeperThan(value, limits.depth)
  if (depth) return new Fault('RECORD_TOO_DEEP', `the JSON nests deeper than ${limits.depth} levels`)
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch (error) {
    if (text.trim() === '') return new Fault('RECORD_EMPTY', 'the record is blank')
    return new Fault('BYTES_MALFORMED', `not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isObject(record)) return new Fault('FIELD_MISTYPED', `a record must be a JSON object, found ${found(record)}`)
  // A column takes four bytes at least, so that short records need no count.
  if (value.length > limits.columns * 4 && Object.keys(record).length > limits.columns)
    return new Fault('RECORD_TOO_LARGE', `the record has more than ${limits.columns} columns`)
  return record
}

/** Whether brackets nest deeper than the limit. One pass, no recursion, so that the depth itself costs nothing. */
function deeperThan(bytes: Uint8Array, limit: number): boolean {
  if (opensAtMost(bytes, limit)) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}

/** Whether there are no more brackets that open than that: true of most records, and much faster to see than depth is. */
function opensAtMost(bytes: Uint8Array, limit: number): boolean {
  let opened = 0
  for (const bracket of [0x7b, 0x5b])
    for (let at = bytes.indexOf(bracket); at !== -1; at = bytes.indexOf(bracket, at + 1))
      if (++opened > limit) return false
  return true
}
