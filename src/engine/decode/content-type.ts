import type { Header } from '../../core/message.ts'

/** Message headers that tell decode how to read a value. Taster's own names begin with `taster-`. */
export const headers = {
  contentType: 'content-type',
  contentEncoding: 'content-encoding',
  csvHeader: 'taster-csv-header', // the header record of the CSV file, as it stands there
  csvDelimiter: 'taster-csv-delimiter',
  unreadable: 'taster-unreadable', // `CODE reason`: the source could not make whole rows of these bytes
  hop: 'taster-hop', // how many pipelines the message has passed
  valueSchemaId: '__value_schema_id', // of a schema registry: 0x01 and the GUID of the value's schema
} as const

export const contentTypes = {
  json: 'application/json',
  lines: 'application/x-ndjson',
  csv: 'text/csv',
  tabs: 'text/tab-separated-values',
  arrow: 'application/vnd.apache.arrow.stream',
} as const

export type ContentType = keyof typeof contentTypes

const known: ReadonlyMap<string, ContentType> = new Map([
  ...Object.entries(contentTypes).map(([name, type]) => [type, name as ContentType] as const),
  ['application/ndjson', 'lines'],
  ['application/jsonl', 'lines'],
])

/** What a content type, in lower case and without parameters, stands for; undefined where it is none of ours. */
export function contentTypeOf(type: string): ContentType | undefined {
  return known.get(type) ?? (type.endsWith('+json') ? 'json' : undefined) // RFC 6839, section 3.1
}

export function textHeader(name: string, value: string): Header {
  return [name, Buffer.from(value)]
}
