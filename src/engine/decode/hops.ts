import type { Header } from '../../core/message.ts'
import { headers } from './content-type.ts'

/** A message that has passed this many pipelines goes round in a loop of them. */
export const mostHops = 8

/** How many pipelines the message has passed: each appends a header, so the last one counts. */
export function hopsOf(given: readonly Header[]): number {
  for (let i = given.length - 1; i >= 0; i--) {
    const [name, value] = given[i] ?? ['', null]
    if (name === headers.hop) return hopCount(value)
  }
  return 0
}

/** What is no decimal number counts as none: anyone may have written it. */
export function hopCount(value: Uint8Array | null): number {
  if (value === null || value.length === 0 || value.length > 9) return 0
  let hops = 0
  for (const byte of value) {
    if (byte < 0x30 || byte > 0x39) return 0
    hops = hops * 10 + byte - 0x30
  }
  return hops
}
