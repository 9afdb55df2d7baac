import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import type { Message } from '../core/message.ts'
import { outputFailed } from './output.ts'
import { sidecar } from './sidecar.ts'
import { attachmentOf } from './spool.ts'

/** Writes rows of one input that share a decision. Creates its file with the first row. */
export interface RowWriter {
  readonly path: string
  /** Rows `from` up to `to` of the `rows` rows of a message. Done at once where it gives no promise. */
  write(message: Message, from: number, to: number, rows: number): Promise<void> | undefined
  flush(): Promise<void>
  close(): Promise<void>
}

/** A message of a file that breaks off holds no rows; the file goes along as a whole. Gives whether it was such. */
export async function writeWhole(message: Message, path: string): Promise<boolean> {
  const attachment = attachmentOf(message)
  if (attachment?.whole === true) await copyWhole(attachment.path, sidecar(path, '.original'))
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
