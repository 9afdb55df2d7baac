import { parse } from 'csv-parse/sync'
import { tooLarge, type Limits } from './limits.ts'
import { absent, Fault, type Table } from './table.ts'
import { utf8 } from './utf8.ts'

/** Where the columns asked for stand in a CSV file. */
export interface CsvColumns {
  readonly names: readonly string[]
  readonly delimiter: string
  readonly places: Int32Array // slot → place in the record, -1 where there is no such column
}

/** Reads the header record that came with a message. */
export function csvColumns(
  header: Uint8Array,
  delimiter: string,
  columns: readonly string[],
  limits: Limits,
): CsvColumns | Fault {
  const text = utf8(header)
  if (text === undefined) return new Fault('BYTES_NOT_UTF8', 'the CSV header record is not UTF-8')
  const names = splitRecord(text, delimiter)
  if (names instanceof Fault) return new Fault(names.code, `in the CSV header record: ${names.reason}`)
  return placesIn(names, delimiter, columns, limits)
}

/** Finds the columns asked for among the names of a header record. */
export function placesIn(
  names: readonly string[],
  delimiter: string,
  columns: readonly string[],
  limits: Limits,
): CsvColumns | Fault {
  if (names.length > limits.columns)
    return new Fault(
      'RECORD_TOO_LARGE',
      `the CSV file has ${names.length} columns, over the limit of ${limits.columns}`,
    )
  const places = new Map<string, number>()
  const twice = new Set<string>()
  names.forEach((name, place) => {
    if (places.has(name)) twice.add(name)
    places.set(name, place)
  })
  const ambiguous = columns.find((name) => twice.has(name))
  if (ambiguous !== undefined)
    return new Fault('BYTES_MALFORMED', `the CSV header names column '${ambiguous}' more than once: rename one of them`)
  return { names, delimiter, places: Int32Array.from(columns, (name) => places.get(name) ?? -1) }
}

/** One CSV record (RFC 4180, any delimiter of one character). */
export function csvTable(value: Uint8Array, { names, delimiter, places }: CsvColumns, limits: Limits): Table | Fault {
  if (value.length > limits.recordBytes) return tooLarge(value.length, limits)
  const text = utf8(value)
  if (text === undefined) return new Fault('BYTES_NOT_UTF8', 'the record is not UTF-8: save the CSV file as UTF-8')
  const cells = splitRecord(text, delimiter)
  if (cells instanceof Fault) return cells
  if (cells.length !== names.length) return wrongFields(cells.length, names.length)
  return {
    rows: 1,
    declared: true,
    fault: () => undefined,
    cell: (_, slot) => cells[places[slot] ?? -1] ?? absent,
    names: () => names,
  }
}

export function wrongFields(found: number, named: number): Fault {
  return new Fault(
    'BYTES_MALFORMED',
    `the record has ${found} fields, the CSV header names ${named}: check quotes and delimiters`,
  )
}

/** The fields of one record. Quotes count where they enclose a whole field; inside them, two stand for one. */
export function splitRecord(record: string, delimiter: string): string[] | Fault {
  const text = record.replace(/\r?\n$/, '')
  if (!text.includes('"')) return text.split(delimiter)
  try {
    const [fields = []] = parse(text, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: '\n',
    })
    return fields
  } catch (error) {
    return new Fault('BYTES_MALFORMED', `not a CSV record: ${error instanceof Error ? error.message : String(error)}`)
  }
}
