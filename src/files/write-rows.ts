import type { Layout } from './layout.ts'
import type { RowWriter } from './row-writer.ts'
import { openArrowWriter } from './write-arrow.ts'
import { openParquetWriter } from './write-parquet.ts'
import { openTextWriter, type Frame } from './write-text.ts'

const noFrame: Frame = { begin: undefined, between: undefined, end: undefined }
const arrayFrame: Frame = { begin: Buffer.from('[\n'), between: Buffer.from(',\n'), end: Buffer.from('\n]\n') }

/** The writer of a layout's format. Its file appears with the first row. */
export function openRowWriter(path: string, layout: Layout): RowWriter {
  switch (layout.format) {
    case 'arrow-file':
    case 'arrow-stream':
      return openArrowWriter(path, layout)
    case 'parquet':
      return openParquetWriter(path, layout)
    case 'lines':
    case 'csv':
      return openTextWriter(path, layout, { ...noFrame, begin: layout.prologue })
    case 'json':
      return openTextWriter(path, layout, layout.array ? arrayFrame : noFrame)
  }
}
