import { constants, createReadStream } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import type { Message } from '../core/message.ts'
import type { Layout } from './layout.ts'
import { openOutput, outputFailed, type Output } from './output.ts'
import { attachmentOf, type Attachment } from './spool.ts'
import { openArrowWriter } from './write-arrow.ts'
import { openParquetWriter } from './write-parquet.ts'

/** Writes rows of one input that share a decision. Creates its file with the first row. */
export interface RowWriter {
  readonly path: string
  /** Rows `from` up to `to` of the `rows` rows of a message. Done at once where it gives no promise. */
  write(message: Message, from: number, to: number, rows: number): Promise<void> | undefined
  flush(): Promise<void>
  close(): Promise<void>
}

export function openRowWriter(path: string, layout: Layout): RowWriter {
  switch (layout.format) {
    case 'arrow-file':
    case 'arrow-stream':
      return openArrowWriter(path, layout)
    case 'parquet':
      return openParquetWriter(path, layout)
    case 'lines':
    case 'csv':
      return openText(path, layout, { begin: layout.prologue, between: undefined, end: undefined })
    case 'json':
      return openText(
        path,
        layout,
        layout.array ? { begin: text('[\n'), between: text(',\n'), end: text('\n]\n') } : noFrame,
      )
  }
}

interface Frame {
  readonly begin: Uint8Array | undefined
  readonly between: Uint8Array | undefined // undefined: a row that does not end its line gets a line feed
  readonly end: Uint8Array | undefined
}

const text = (string: string): Uint8Array => Buffer.from(string)
const noFrame: Frame = { begin: undefined, between: undefined, end: undefined }
const lineFeed = text('\n')

function openText(path: string, layout: Layout, frame: Frame): RowWriter {
  let output: Output | undefined
  let last: number | undefined // the byte written last
  const append = (to: Output, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined || bytes.length === 0) return
    to.append(bytes)
    last = bytes.at(-1)
  }
  const row = (to: Output, value: Uint8Array | null): void => {
    if (last === undefined) append(to, frame.begin)
    else append(to, frame.between)
    if (frame.between === undefined && last !== undefined && last !== 10) append(to, lineFeed)
    append(to, value ?? undefined)
  }
  const writeLater = async (message: Message, attachment: Attachment | undefined): Promise<void> => {
    if (attachment?.whole === true) await copyWhole(attachment.path, `${path}.original`)
    const spooled = attachment?.whole === false ? attachment.path : undefined
    if (spooled === undefined && (message.value === null || message.value.length === 0)) return
    output ??= await openOutput(path, layout.compression)
    row(output, message.value)
    if (spooled === undefined) return
    for await (const chunk of createReadStream(spooled)) {
      append(output, chunk as Uint8Array)
      await output.flush()
    }
  }
  return {
    path,
    write(message) {
      const attachment = attachmentOf(message)
      if (output === undefined || attachment !== undefined) return writeLater(message, attachment)
      if (message.value !== null && message.value.length > 0) row(output, message.value)
      return undefined
    },
    flush: async () => output?.flush(),
    async close() {
      if (output === undefined) return
      append(output, frame.end)
      await output.close()
    },
  }
}

/** A message of a file that breaks off holds no rows; the file goes along as a whole. Gives whether it was such. */
export async function writeWhole(message: Message, path: string): Promise<boolean> {
  const attachment = attachmentOf(message)
  if (attachment?.whole === true) await copyWhole(attachment.path, `${path}.original`)
  return message.value === null || message.value.length === 0
}

/** A damaged input as a whole, byte by byte, beside its rows. */
async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
  } catch (error) {
    throw outputFailed(to, error)
  }
}
