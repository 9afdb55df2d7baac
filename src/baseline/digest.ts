import { createHash } from 'node:crypto'
import { manifestSchema, type Manifest } from './manifest.ts'

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The one way to write a manifest: keys in the schema's order. Its digest is the baseline's. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`
}
