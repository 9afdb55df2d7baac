import { contentTypes, headers, textHeader } from '../engine/decode/content-type.ts'
import type { Header } from '../core/message.ts'
import { decompressed } from './chunks.ts'
import { Damage } from './damage.ts'
import type { Layout } from './layout.ts'
import { attachWhole, damagedWhole, messageOf, unreadable, type Item, type Opened, type Reading } from './reading.ts'
import { csvScanner, jsonScanner, lineScanner, type Scanner } from './scan.ts'
import { splitter, type Row } from './split.ts'

/** Lines, JSON and CSV: one message a row, holding the row's bytes as they stand in the file. */
export async function* readText(file: Opened, reading: Reading): AsyncGenerator<readonly Item[]> {
  let split: ReturnType<typeof splitter> | undefined
  let scanner: (Scanner & { isArray?: () => boolean }) | undefined
  let delimiter = ','
  let given: readonly Header[] = [textHeader(headers.contentType, contentTypes.json)]
  let prologue: Uint8Array | undefined
  let offset = 0n
  let refused: string | undefined // the CSV header is unusable: why

  const layout = (): Layout => ({
    name: file.name,
    format: file.format,
    compression: file.compression,
    prologue,
    array: scanner?.isArray?.() ?? false,
    parquet: undefined,
  })
  const itemsOf = (rows: readonly Row[]): Item[] => {
    const items: Item[] = []
    for (const row of rows) {
      const needsHeader = file.format === 'csv' && prologue === undefined
      if (needsHeader) refused ??= headerFault(row, file.limits.recordBytes)
      if (refused !== undefined && file.path !== undefined) {
        reading.damage = refused
        reading.layout ??= layout()
        return [...items, damagedWhole(file, offset, refused, given)]
      }
      if (needsHeader && row.unreadable === undefined && refused === undefined) {
        prologue = row.bytes
        given = csvHeaders(prologue, delimiter)
        continue
      }
      reading.layout ??= layout()
      items.push(
        row.unreadable === undefined && refused === undefined
          ? { message: messageOf(file, offset, row.bytes, given), rows: 1, bytes: row.bytes.length }
          : unreadable(
              file,
              offset,
              { ...row, unreadable: row.unreadable ?? { code: 'BYTES_MALFORMED', reason: refused ?? '' } },
              given,
            ),
      )
      offset++
    }
    return items
  }

  try {
    for await (const chunk of decompressed(file.chunks, file.compression, file.path)) {
      if (split === undefined) {
        if (file.format === 'csv') delimiter = file.tabs ? '\t' : guessDelimiter(chunk)
        scanner = scannerOf(file, delimiter)
        split = splitter(scanner, file.limits.recordBytes, file.spoolFolder)
      }
      const items = itemsOf(split.push(chunk))
      if (items.length > 0) yield items
      if (refused !== undefined && file.path !== undefined) return
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    reading.damage = error.message
  }
  split ??= splitter(lineScanner(), file.limits.recordBytes, file.spoolFolder)
  const items = itemsOf(split.end(reading.damage))
  const last = items.at(-1)?.message
  if (last !== undefined && reading.damage !== undefined) attachWhole(file, last)
  if (items.length > 0) yield items
}

function scannerOf(file: Opened, delimiter: string): Scanner {
  if (file.format === 'csv') return csvScanner(delimiter.charCodeAt(0))
  return file.format === 'json' ? jsonScanner() : lineScanner()
}

function csvHeaders(prologue: Uint8Array, delimiter: string): readonly Header[] {
  return [
    textHeader(headers.contentType, contentTypes.csv),
    [headers.csvHeader, prologue],
    textHeader(headers.csvDelimiter, delimiter),
  ]
}

/** What makes a header record impossible to name columns by: then no row below it can be told. */
function headerFault({ bytes, spooled }: Row, recordBytes: number): string | undefined {
  const length = spooled?.bytes ?? bytes.length
  if (length > recordBytes) return `the CSV header has ${length} bytes, over the limit of ${recordBytes} for a record`
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--
  let quoted = false
  for (const byte of bytes.subarray(0, end))
    if (byte === 0x22) quoted = !quoted
    else if (byte === 13 && !quoted)
      return 'the CSV header holds carriage returns, as in a file whose lines end in them alone: end lines in line feeds'
  return undefined
}

/** The delimiter that the header record has most of, outside quotes. */
function guessDelimiter(chunk: Uint8Array): string {
  const counts = new Map([',', ';', '\t', '|'].map((delimiter) => [delimiter.charCodeAt(0), 0]))
  let quoted = false
  for (const byte of chunk) {
    if (byte === 0x22) quoted = !quoted
    else if (!quoted && byte === 10) break
    else if (!quoted) counts.set(byte, (counts.get(byte) ?? NaN) + 1)
  }
  const [best = [44, 0]] = [...counts].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a)
  return String.fromCharCode(best[0])
}
