import { Fault } from './table.ts'

/** How much a producer may ask of the line. What exceeds a limit is diverted with its bytes, not read. */
export interface Limits {
  readonly recordBytes: number // of one record as it arrives
  readonly batchBytes: number // of one batch: a batch closes early rather than exceed it by more than one record
  readonly columns: number // of one record, top level
  readonly depth: number // of nested JSON
  readonly messageRows: number // of one message
}

export const defaultLimits: Limits = {
  recordBytes: 10 * 2 ** 20,
  batchBytes: 64 * 2 ** 20,
  columns: 10_000,
  depth: 64,
  messageRows: 1_000_000,
}

export function tooLarge(size: number, limits: Limits): Fault {
  return new Fault('RECORD_TOO_LARGE', `the record has ${size} bytes, over the limit of ${limits.recordBytes}`)
}
