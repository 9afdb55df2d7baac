import { MetadataVersion, tableFromIPC, type Schema, type Table } from 'apache-arrow'
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file'
import { TasterError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import { sliceToStream } from './arrow-slice.ts'
import { ipcMessages, type IpcMessage } from '../engine/decode/ipc.ts'
import type { Layout } from './layout.ts'
import { openOutput, type Output } from './output.ts'
import { writeWhole, type RowWriter } from './row-writer.ts'

/**
 * Arrow IPC, stream or file, with the schema that came in. A dictionary is written when it first appears and again when
 * it changes, which streams allow and files do not.
 */
export function openArrowWriter(path: string, layout: Layout): RowWriter {
  const isFile = layout.format === 'arrow-file'
  const dictionaries = new Map<number, Uint8Array>()
  const blocks: { readonly dictionary: FileBlock[]; readonly batch: FileBlock[] } = { dictionary: [], batch: [] }
  let output: Output | undefined
  let schema: Schema | undefined
  let current: { readonly message: Message; readonly table: Table } | undefined // of the runs of rows
  let written = 0

  const append = (to: Output, bytes: Uint8Array): void => {
    to.append(bytes)
    written += bytes.length
  }
  const take = (to: Output, message: IpcMessage): void => {
    if (message.kind === 'schema') {
      if (written <= 8) append(to, message.bytes)
      return
    }
    if (message.kind === 'dictionary') {
      const before = dictionaries.get(message.dictionary)
      if (before !== undefined && Buffer.compare(before, message.bytes) === 0) return
      if (before !== undefined && isFile)
        throw new TasterError(
          'OUTPUT_FAILED',
          `Cannot write ${path}: a dictionary changes in the middle, which an Arrow file cannot hold. ` +
            `The input is untouched; convert it to an Arrow stream (.arrows) or to Parquet.`,
        )
      dictionaries.set(message.dictionary, message.bytes.slice())
    }
    const block = new FileBlock(message.metadataBytes, message.bodyBytes, written)
    if (message.kind === 'dictionary') blocks.dictionary.push(block)
    else blocks.batch.push(block)
    append(to, message.bytes)
  }

  return {
    path,
    async write(message: Message, from: number, to: number, rows: number) {
      const { value } = message
      if ((await writeWhole(message, path)) || value === null) return
      if (current?.message !== message) current = { message, table: tableFromIPC(value) }
      const { table } = current
      const [batch] = table.batches
      if (batch === undefined) return
      if (output === undefined) {
        output = await openOutput(path, layout.compression)
        if (isFile) append(output, magicAndPadding)
      }
      schema ??= table.schema
      // A message that decode could not read as rows has one ruling for all of them.
      const whole = rows !== table.numRows
      const stream = sliceToStream(batch, whole ? 0 : from, whole ? table.numRows : to)
      for (const part of ipcMessages(stream)) take(output, part)
    },
    flush: async () => output?.flush(),
    async close() {
      if (output === undefined || schema === undefined) return
      append(output, endOfStream)
      if (isFile) {
        const footer = Footer.encode(new Footer(schema, MetadataVersion.V5, blocks.batch, blocks.dictionary))
        const length = Buffer.alloc(4)
        length.writeUInt32LE(footer.length)
        for (const part of [footer, length, magic]) append(output, part)
      }
      await output.close()
    },
  }
}

const magic = Buffer.from('ARROW1')
const magicAndPadding = Buffer.from('ARROW1\0\0')
const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
