import { parse, CsvError } from 'csv-parse/sync'
import { placesIn, wrongFields } from './csv.ts'
import type { Limits } from './limits.ts'
import { absent, Fault, type Table } from './table.ts'
import { utf8 } from './utf8.ts'

/** A whole CSV document in one message (RFC 4180, any delimiter of one character): its first record names the columns. */
export function csvDocument(
  value: Uint8Array,
  delimiter: string,
  columns: readonly string[],
  limits: Limits,
): Table | Fault {
  const text = utf8(value)
  if (text === undefined) return new Fault('BYTES_NOT_UTF8', 'the CSV message is not UTF-8')
  const records = recordsOf(text, delimiter, limits)
  if (records instanceof Fault) return records
  const [names, ...rows] = records
  if (names === undefined) return new Fault('RECORD_EMPTY', 'the message is blank')
  if (rows.length > limits.messageRows)
    return new Fault('RECORD_TOO_LARGE', `the message has more than ${limits.messageRows} rows`)
  const header = placesIn(names, delimiter, columns, limits)
  if (header instanceof Fault) return header
  return {
    rows: rows.length,
    declared: true,
    fault: (row) => {
      const fields = rows[row]?.length ?? 0
      return fields === names.length ? undefined : wrongFields(fields, names.length)
    },
    cell: (row, slot) => rows[row]?.[header.places[slot] ?? -1] ?? absent,
    names: () => names,
  }
}

function recordsOf(text: string, delimiter: string, limits: Limits): string[][] | Fault {
  try {
    return parse(text, {
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: limits.recordBytes,
      to: limits.messageRows + 2,
    })
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE')
      return new Fault(
        'RECORD_TOO_LARGE',
        `a record of the CSV message is over the limit of ${limits.recordBytes} bytes`,
      )
    return new Fault('BYTES_MALFORMED', `not CSV: ${error instanceof Error ? error.message : String(error)}`)
  }
}
