import { createReadStream } from 'node:fs'
import type { Message } from '../core/message.ts'
import type { Layout } from './layout.ts'
import { openOutput, type Output } from './output.ts'
import { writeWhole, type RowWriter } from './row-writer.ts'
import { attachmentOf, type Attachment } from './spool.ts'

/** What stands around rows. */
export interface Frame {
  readonly begin: Uint8Array | undefined
  readonly between: Uint8Array | undefined // undefined: a row that does not end its line gets a line feed
  readonly end: Uint8Array | undefined
}

const lineFeed = Buffer.from('\n')

/** Rows of a text format: their bytes one after another, as they came. */
export function openTextWriter(path: string, layout: Layout, frame: Frame): RowWriter {
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
    const empty = await writeWhole(message, path)
    const spooled = attachment?.whole === false ? attachment.path : undefined
    if (spooled === undefined && empty) return
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
