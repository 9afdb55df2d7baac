import type { Code } from '../core/errors.ts'
import type { Scanner } from './scan.ts'
import { openSpool, type Spool, type Spooled } from './spool.ts'

/** One row as it stands in the file, or a stretch of it that cannot be told apart into rows. */
export interface Row {
  readonly bytes: Uint8Array // empty where spooled
  readonly spooled: Spooled | undefined // a row over the limit
  readonly unreadable: { readonly code: Code; readonly reason: string } | undefined
}

export interface Splitter {
  push(chunk: Uint8Array): Row[]
  /** The end of the input; `damage` says why it came too early. */
  end(damage?: string): Row[]
}

/**
 * Cuts chunks into rows. A row is held until its end is found, up to `recordBytes`; a longer one goes to a file in
 * `spoolFolder` as it comes (without a folder it is counted and let go), so that no row takes more memory than the limit.
 */
export function splitter(scanner: Scanner, recordBytes: number, spoolFolder: string | undefined): Splitter {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let spool: Spool | undefined
  let inRow = false
  let rest: string | undefined // set: all that follows is one unreadable stretch

  const hold = (part: Uint8Array): void => {
    pendingBytes += part.length
    if (spool === undefined && pendingBytes > recordBytes) {
      spool = openSpool(spoolFolder)
      for (const held of pending) spool.write(held)
      pending = []
    }
    if (spool === undefined) pending.push(part)
    else spool.write(part)
  }
  const finish = (reason: string | undefined): Row => {
    const spooled = spool?.end()
    const bytes = pending.length === 1 ? (pending[0] ?? new Uint8Array()) : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    spool = undefined
    inRow = false
    if (reason !== undefined) return { bytes, spooled, unreadable: { code: 'BYTES_MALFORMED', reason } }
    if (spooled === undefined) return { bytes, spooled, unreadable: undefined }
    const tooLarge = `the record has ${spooled.bytes} bytes, over the limit of ${recordBytes}`
    return { bytes, spooled, unreadable: { code: 'RECORD_TOO_LARGE', reason: tooLarge } }
  }

  return {
    push(chunk) {
      const rows: Row[] = []
      let at = 0
      while (at < chunk.length) {
        if (!inRow) {
          at = scanner.begin(chunk, at)
          if (at === chunk.length) break
          inRow = true
          rest = scanner.fault()
        }
        const end = rest === undefined ? scanner.scan(chunk, at) : -1
        if (end === -1) {
          hold(chunk.subarray(at))
          break
        }
        if (pendingBytes === 0) {
          rows.push({ bytes: chunk.subarray(at, end), spooled: undefined, unreadable: undefined })
          inRow = false
        } else {
          if (end > at) hold(chunk.subarray(at, end))
          rows.push(finish(undefined))
        }
        at = end
      }
      return rows
    },
    end(damage) {
      const reason = damage ?? rest ?? scanner.missing(inRow)
      return inRow || reason !== undefined ? [finish(reason)] : []
    },
  }
}
