import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'

const longestName = 255 // bytes, of common file systems

/** The path of a file beside another, named after it. A name that would be too long is cut and told apart by a digest. */
export function sidecar(path: string, suffix: string): string {
  const name = Buffer.from(basename(path))
  if (name.length + suffix.length <= longestName) return path + suffix
  const mark = `-${createHash('sha256').update(name).digest('hex').slice(0, 16)}${suffix}`
  let end = longestName - mark.length
  while (((name[end] ?? 0) & 0xc0) === 0x80) end-- // between characters
  return join(dirname(path), name.toString('utf8', 0, end) + mark)
}
