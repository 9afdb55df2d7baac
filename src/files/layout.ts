import { TasterError } from '../core/errors.ts'
import { header, type Message } from '../core/message.ts'
import { contentTypes, headers } from '../engine/decode/content-type.ts'
import { extensionOf, type Compression, type Format } from './format.ts'

/** How rows of one input are laid out in a file: what the sink needs so that they leave as they came. */
export interface Layout {
  readonly name: string // of the output file, below clean/, quarantine/ and dead-letter/
  readonly format: Format
  readonly compression: Compression
  readonly prologue: Uint8Array | undefined // CSV: the header record, once a file
  readonly array: boolean // JSON: elements of one array, rather than values one after another
  readonly parquet: ParquetLayout | undefined
}

export interface ParquetLayout {
  readonly codec: number // of parquet-wasm's Compression
  readonly groupRows: number
  readonly metadata: ReadonlyMap<string, string>
}

const byContentType: ReadonlyMap<string, Format> = new Map([
  [contentTypes.csv, 'csv'],
  [contentTypes.arrow, 'arrow-stream'],
])

/** The layout of messages that come from no file: by their content type, lines of JSON where it names none. */
export function layoutOf(message: Message): Layout {
  const format = byContentType.get(header(message, headers.contentType) ?? '') ?? 'lines'
  const { topic } = message.at
  if (topic === '' || topic.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new TasterError('INVARIANT_BROKEN', `topic '${topic}' is no name for a file`)
  const prologue = message.headers.find(([name]) => name === headers.csvHeader)?.[1] ?? undefined
  return {
    name: topic + extensionOf(format, 'none'),
    format,
    compression: 'none',
    prologue,
    array: false,
    parquet: undefined,
  }
}
