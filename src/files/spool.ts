import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Message } from '../core/message.ts'
import { outputFailed } from './output.ts'

/** Bytes that belong to a message and are too many to hold. They wait in a file until the message is ruled on. */
export interface Attachment {
  readonly path: string
  readonly bytes: number
  readonly whole: boolean // the whole damaged input, rather than one row of it
}

const attachments = new WeakMap<Message, Attachment>()

export function attach(message: Message, attachment: Attachment): void {
  attachments.set(message, attachment)
}

export function attachmentOf(message: Message): Attachment | undefined {
  return attachments.get(message)
}

/** What a spool took: without a folder only the count and the digest are kept. */
export interface Spooled {
  readonly path: string | undefined
  readonly bytes: number
  readonly sha256: string
}

export interface Spool {
  write(bytes: Uint8Array): void
  end(): Spooled
}

let spools = 0

export function openSpool(folder: string | undefined): Spool {
  const path = folder === undefined ? undefined : join(folder, `row-${process.pid}-${spools++}`)
  const hash: Hash = createHash('sha256')
  let bytes = 0
  let file: number | undefined
  return {
    write(part) {
      hash.update(part)
      bytes += part.length
      if (path === undefined) return
      try {
        file ??= openSync(path, 'wx')
        for (let at = 0; at < part.length;) at += writeSync(file, part, at)
      } catch (error) {
        throw outputFailed(path, error)
      }
    },
    end() {
      if (file !== undefined) closeSync(file)
      return { path, bytes, sha256: hash.digest('hex') }
    },
  }
}

export function discard(attachment: Attachment): void {
  if (!attachment.whole) rmSync(attachment.path, { force: true })
}
