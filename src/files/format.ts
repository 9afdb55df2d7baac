import { extname } from 'node:path'

export type Format = 'lines' | 'json' | 'csv' | 'parquet' | 'arrow-file' | 'arrow-stream'
export type Compression = 'none' | 'gzip' | 'zstd'

const formats: ReadonlyMap<string, Format> = new Map([
  ['.ndjson', 'lines'],
  ['.jsonl', 'lines'],
  ['.json', 'json'],
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.parquet', 'parquet'],
  ['.pq', 'parquet'],
  ['.arrow', 'arrow-file'],
  ['.feather', 'arrow-file'],
  ['.ipc', 'arrow-file'],
  ['.arrows', 'arrow-stream'],
])

const compressions: ReadonlyMap<string, Compression> = new Map([
  ['.gz', 'gzip'],
  ['.zst', 'zstd'],
])

export const readable = [...formats.keys(), ...compressions.keys()]

/** The formats a user may name where a file's name does not tell. */
export const formatNames: ReadonlyMap<string, Format> = new Map([
  ['ndjson', 'lines'],
  ['json', 'json'],
  ['csv', 'csv'],
  ['tsv', 'csv'],
  ['parquet', 'parquet'],
  ['arrow', 'arrow-file'],
  ['arrows', 'arrow-stream'],
])

export function compressionOf(path: string): Compression {
  return compressions.get(extname(path).toLowerCase()) ?? 'none'
}

/** By the name's endings; undefined where they say nothing. */
export function formatOf(path: string): Format | undefined {
  const ending = extname(path).toLowerCase()
  return compressions.has(ending) ? formatOf(path.slice(0, -ending.length)) : formats.get(ending)
}

export function isTabSeparated(path: string): boolean {
  return /\.tsv(\.gz|\.zst)?$/i.test(path)
}

/** A file name's ending for a format, for inputs that have no name. */
export function extensionOf(format: Format, compression: Compression): string {
  const endings: { readonly [of in Format]: string } = {
    lines: '.ndjson',
    json: '.json',
    csv: '.csv',
    parquet: '.parquet',
    'arrow-file': '.arrow',
    'arrow-stream': '.arrows',
  }
  return endings[format] + { none: '', gzip: '.gz', zstd: '.zst' }[compression]
}

/** By the first bytes. At least 8 of them are needed, where there are so many. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return Buffer.from(head.subarray(0, 4)).toString('hex') === '28b52ffd' ? 'zstd' : 'none'
}

/**
 * By the first bytes. JSON text is told by its first character; an object is read as one of many, lines and single
 * objects alike. Anything else that is text is taken to be CSV.
 */
export function sniffFormat(head: Uint8Array): Format {
  const magic = Buffer.from(head.subarray(0, 6)).toString('latin1')
  if (magic.startsWith('PAR1')) return 'parquet'
  if (magic === 'ARROW1') return 'arrow-file'
  if (magic.startsWith('\xff\xff\xff\xff')) return 'arrow-stream'
  const start = magic.startsWith('\xef\xbb\xbf') ? 3 : 0
  const first = head.subarray(start).find((byte) => byte > 32)
  return first === 0x7b || first === 0x5b ? 'json' : 'csv'
}
