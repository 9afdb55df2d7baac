import { createHash } from 'node:crypto'
import type { Header, Message } from '../../core/message.ts'

/**
 * sha256 over keys, values and headers in order, each behind its length so that no two lists of messages share a
 * digest. Headers that equal the previous message's are marked as such and not hashed again: rows of a file share them.
 */
export function digestOf(messages: readonly Message[]): string {
  const hash = createHash('sha256')
  const frame = Buffer.alloc(13)
  let previous: readonly Header[] = []
  for (const { key, value, headers } of messages) {
    const same = sameHeaders(headers, previous)
    frame.writeInt32LE(key === null ? -1 : key.length, 0)
    frame.writeInt32LE(value === null ? -1 : value.length, 4)
    frame.writeUInt8(same ? 1 : 0, 8)
    frame.writeUInt32LE(same ? 0 : headers.length, 9)
    hash.update(frame)
    if (!same) for (const [name, bytes] of headers) hash.update(headerFrame(name, bytes)).update(bytes ?? '')
    if (key !== null) hash.update(key)
    if (value !== null) hash.update(value)
    previous = headers
  }
  return hash.digest('hex')
}

function headerFrame(name: string, value: Uint8Array | null): Uint8Array {
  const text = Buffer.from(name)
  const frame = Buffer.alloc(8)
  frame.writeUInt32LE(text.length, 0)
  frame.writeInt32LE(value === null ? -1 : value.length, 4)
  return Buffer.concat([frame, text])
}

function sameHeaders(a: readonly Header[], b: readonly Header[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  return a.every(([name, value], i) => {
    const [otherName, otherValue] = b[i] ?? ['', null]
    if (name !== otherName) return false
    return value === null || otherValue === null ? value === otherValue : Buffer.compare(value, otherValue) === 0
  })
}
