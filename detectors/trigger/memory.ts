import { emptyCounts, type Counts } from './counts.ts'
import { remembered } from './signature.ts'

/** What the detector carries along the stream. Bounded: the counts by a parameter, all else by the constants here. */
export interface Memory {
  streams: number // memories merged into this one; shares are averaged over them
  batches: number
  shedAt: number // the batch in which subjects were last forgotten
  entered: readonly [novel: number, known: number] // subjects that were given a share, by family
  perLabel: Float64Array // labels × columnsPerLabel
  perSource: Float64Array // sourceBuckets × (documents, surprise)
  seen: Uint32Array // signatures of documents
  counts: Counts
  /** Slots whose evidence stands above their share: what is reported. */
  watched: ReadonlySet<number>
}

export const labelDocuments = 0 // distinct documents of the label
export const labelSurprise = 1 // theirs, in units
export const labelBuckets = 2 // then documents by bucket of their source
export const buckets = 64
export const columnsPerLabel = labelBuckets + buckets
export const sourceBuckets = 1024
const fewestSlots = 1024

export function emptyMemory(): Memory {
  return {
    streams: 0,
    batches: 0,
    shedAt: 0,
    entered: [0, 0],
    perLabel: new Float64Array(0),
    perSource: new Float64Array(2 * sourceBuckets),
    seen: new Uint32Array(2 * remembered),
    counts: emptyCounts(fewestSlots),
    watched: new Set(),
  }
}

export function perLabelOf(memory: Memory, labels: number): Float64Array {
  if (memory.perLabel.length >= labels * columnsPerLabel) return memory.perLabel
  const grown = new Float64Array(labels * columnsPerLabel)
  grown.set(memory.perLabel)
  return grown
}

/** Distinct documents of a label so far. */
export function documentsOf(memory: Memory, label: number): number {
  return memory.perLabel[label * columnsPerLabel + labelDocuments] ?? 0
}
