import { emptyCounts, type Counts } from './counts.ts'
import { remembered } from './signature.ts'

/** What the detector carries along the stream. Bounded: the counts by a parameter, all else by the constants here. */
export interface Memory {
  streams: number // memories that were merged into this one: shares are averaged over them
  batches: number
  shedAt: number // the batch in which subjects were last forgotten
  unknown: number // subjects that were given a share: of features that no trusted document has
  known: number // and of others
  perLabel: Float64Array // labels × columnsPerLabel
  readonly perSource: Float64Array // sourceBuckets × (documents, surprise)
  readonly seen: Uint32Array // signatures of documents
  counts: Counts
  readonly watched: Set<number> // keys of the subjects whose evidence, weighted by their share, is above 1
}

export const labelDocuments = 0 // distinct documents of the label
export const labelSurprise = 1 // theirs, in units
export const labelBuckets = 2 // then documents by bucket of their source
export const buckets = 64
export const columnsPerLabel = labelBuckets + buckets
export const sourceBuckets = 1024
export const fewestSlots = 1024

export function emptyMemory(): Memory {
  return {
    streams: 0,
    batches: 0,
    shedAt: 0,
    unknown: 0,
    known: 0,
    perLabel: new Float64Array(0),
    perSource: new Float64Array(2 * sourceBuckets),
    seen: new Uint32Array(2 * remembered),
    counts: emptyCounts(fewestSlots),
    watched: new Set(),
  }
}

/** Distinct documents of a label so far. */
export function documentsOf(memory: Memory, label: number): number {
  return memory.perLabel[label * columnsPerLabel + labelDocuments] ?? 0
}
