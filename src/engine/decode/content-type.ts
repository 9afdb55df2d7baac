import type { Header } from '../../core/message.ts'

/** Message headers that tell decode how to read a value. Taster's own names begin with `taster-`. */
export const headers = {
  contentType: 'content-type',
  csvHeader: 'taster-csv-header', // the header record of the CSV file, as it stands there
  csvDelimiter: 'taster-csv-delimiter',
  unreadable: 'taster-unreadable', // `CODE reason`: the source could not make whole rows of these bytes
} as const

export const contentTypes = {
  json: 'application/json',
  lines: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
} as const

export function textHeader(name: string, value: string): Header {
  return [name, Buffer.from(value)]
}
