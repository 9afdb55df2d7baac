import type { Message } from '../../core/message.ts'
import { arrowTable } from './arrow.ts'
import { csvDocument } from './csv-document.ts'
import { csvColumns, csvTable, type CsvColumns } from './csv.ts'
import { arrayTable, linesTable, pathsOf, recordTable } from './json.ts'
import type { Limits } from './limits.ts'
import { recognise, type Messages, type Recognised } from './recognise.ts'
import { Fault, type Table } from './table.ts'
import { toldBy, type Told } from './told.ts'

/**
 * Reads messages of any content type into tables that have the columns asked for. What the headers say is worked out
 * once for messages that share them, as the rows of a file do. Without `messages` each value is one row of a file, or
 * one Arrow stream or lines of JSON where its headers say so.
 */
export function reader(
  columns: readonly string[],
  limits: Limits,
  messages?: Messages,
): (message: Message) => Table | Fault {
  const paths = pathsOf(columns)
  const csv = csvHeaders(columns, limits)
  let of: Message['headers'] = []
  let told = toldBy(of)

  const read = ({ form, payload }: Recognised): Table | Fault => {
    switch (form) {
      case 'record':
        return recordTable(payload, paths, limits)
      case 'array':
        return arrayTable(payload, paths, limits)
      case 'lines':
        return linesTable(payload, paths, limits)
      case 'arrow':
        return arrowTable(payload, columns, limits)
      case 'csv':
        return csvDocument(payload, told.csvDelimiter ?? ',', columns, limits)
      case 'tabs':
        return csvDocument(payload, told.csvDelimiter ?? '\t', columns, limits)
      case 'csv-record': {
        const places = csv(told)
        return places instanceof Fault ? places : csvTable(payload, places, limits)
      }
    }
  }

  return ({ headers, value }) => {
    if (headers !== of) {
      told = toldBy(headers)
      of = headers
    }
    if (told.fault !== undefined) return told.fault
    if (value === null) return tombstone
    if (value.length === 0) return empty
    const recognised = recognise(value, told, messages)
    if (recognised instanceof Fault) return recognised
    const table = read(recognised)
    const { schema } = recognised
    const fault = schema !== undefined ? faultOfAll(table) : undefined
    if (fault !== undefined)
      return new Fault(fault.code, `written with ${schema} of a schema registry: ${fault.reason}`)
    return table instanceof Fault || table.rows > 0 ? table : empty
  }
}

const empty = new Fault('RECORD_EMPTY', 'the message holds nothing')
const tombstone = new Fault(
  'RECORD_EMPTY',
  'the message is a tombstone: a key without a value, which deletes on compacted topics and is no record',
)

function faultOfAll(table: Table | Fault): Fault | undefined {
  if (table instanceof Fault) return table
  return table.rows === 1 ? table.fault(0) : undefined
}

/** The columns by the header record that came with messages: worked out once as long as it stays the same. */
function csvHeaders(columns: readonly string[], limits: Limits): (told: Told) => CsvColumns | Fault {
  let of: { readonly header: Uint8Array; readonly delimiter: string } | undefined
  let places: CsvColumns | Fault | undefined
  return ({ csvHeader: header = new Uint8Array(), csvDelimiter: delimiter = ',' }) => {
    const same = of?.delimiter === delimiter && (of.header === header || Buffer.compare(of.header, header) === 0)
    if (same && places !== undefined) return places
    of = { header, delimiter }
    places = csvColumns(header, delimiter, columns, limits)
    return places
  }
}
