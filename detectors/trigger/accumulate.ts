import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { hash32 } from '../../src/core/hash.ts'
import { claim, surpriseUnit } from './counts.ts'
import { restarts } from './evidence.ts'
import { examine } from './examine.ts'
import {
  buckets,
  columnsPerLabel,
  labelBuckets,
  labelDocuments,
  labelSurprise,
  perLabelOf,
  sourceBuckets,
  type Memory,
} from './memory.ts'
import { makeRoom } from './room.ts'
import { meet, signatures } from './signature.ts'
import { scoreOf, surpriseOf, type Trusted } from './trusted.ts'
import type { Fitted } from './fitted.ts'

// A source, or a label, that is surprising throughout says so about itself, not about the features of its records.
// Its mean surprise counts from about this many documents on, and never below the 1 of clean trusted data.
const labelPrior = 200
const sourcePrior = 10

/** Counts a batch's labeled records into the memory, each distinct document once, and tests the features that they have. */
export function accumulate(batch: Encoded, fitted: Fitted, memory: Memory): void {
  const { capacity } = fitted
  memory.streams = Math.max(1, memory.streams)
  memory.batches++
  memory.perLabel = perLabelOf(memory, batch.labels.length)
  const sourceHash = batch.records.source.values.map((name) => hash32(name))
  const rows = arrange(batch, sourceHash)

  let touched: number[] = []
  let slots = memory.counts
  const chunk = Math.floor(capacity / 10)
  let room = 0
  for (const { row, label, first, second, source } of rows) {
    const features = featuresOf(batch.features, row).subarray(0, chunk)
    if (features.length > 0 && meet(memory.seen, first, second)) continue
    if (features.length > room) {
      examine(touched, fitted, memory)
      touched = []
      const { counts, shed } = makeRoom(memory.counts, chunk, capacity, memory.batches, memory.batches - memory.shedAt)
      memory.counts = slots = counts
      if (shed) memory.shedAt = memory.batches
      room = chunk
    }
    room -= features.length
    const surprise = takeRecord(fitted.trusted, memory, label, source, scoreOf(batch, row))
    const labelTotal = memory.perLabel[label * columnsPerLabel + labelDocuments] ?? 0
    const bucket = source & 63
    const low = bucket < 32 ? (1 << bucket) >>> 0 : 0
    const high = bucket < 32 ? 0 : (1 << (bucket - 32)) >>> 0
    for (const feature of features) {
      const slot = claim(slots, feature, label)
      if (slots.touched[slot] !== memory.batches) {
        slots.touched[slot] = memory.batches
        if (restarts(slots.since[slot] ?? 0, (slots.surprise[slot] ?? 0) * surpriseUnit)) {
          slots.since[slot] = 0
          slots.surprise[slot] = 0
          slots.onset[slot] = labelTotal - 1
        }
        touched.push(slot)
      }
      slots.documents[slot] = (slots.documents[slot] ?? 0) + 1
      slots.since[slot] = (slots.since[slot] ?? 0) + 1
      slots.surprise[slot] = (slots.surprise[slot] ?? 0) + surprise
      slots.low[slot] = (slots.low[slot] ?? 0) | low
      slots.high[slot] = (slots.high[slot] ?? 0) | high
    }
  }
  examine(touched, fitted, memory)
}

interface Row {
  readonly row: number
  readonly label: number
  readonly source: number
  readonly first: number
  readonly second: number
  readonly sum: number
}

// In an order that depends on the records alone: the order within a batch is chance, and must not change what is measured.
function arrange(batch: Encoded, sourceHash: readonly number[]): Row[] {
  const rows: Row[] = []
  batch.label.forEach((label, row) => {
    if (label < 0) return
    const source = sourceHash[batch.records.source.codes[row] ?? -1] ?? 0
    rows.push({ row, label, source, ...signatures(featuresOf(batch.features, row), label) })
  })
  return rows.toSorted((a, b) => a.sum - b.sum || a.first - b.first || a.source - b.source)
}

/** Counts a document for its label and source; its surprise in whole units, by what label and source had before it. */
function takeRecord(trusted: Trusted, memory: Memory, label: number, source: number, score: number): number {
  const { perLabel, perSource } = memory
  const at = label * columnsPerLabel
  const of = 2 * ((source >>> 6) & (sourceBuckets - 1))
  const surprise = surpriseOf(trusted, label, score)
  const labelMean =
    (labelPrior + (perLabel[at + labelSurprise] ?? 0) * surpriseUnit) /
    (labelPrior + (perLabel[at + labelDocuments] ?? 0))
  const sourceMean =
    (sourcePrior * labelMean + (perSource[of + 1] ?? 0) * surpriseUnit) / (sourcePrior + (perSource[of] ?? 0))
  const units = Math.round(surprise / surpriseUnit)
  perLabel[at + labelDocuments] = (perLabel[at + labelDocuments] ?? 0) + 1
  perLabel[at + labelSurprise] = (perLabel[at + labelSurprise] ?? 0) + units
  const bucket = at + labelBuckets + (source & (buckets - 1))
  perLabel[bucket] = (perLabel[bucket] ?? 0) + 1
  perSource[of] = (perSource[of] ?? 0) + 1
  perSource[of + 1] = (perSource[of + 1] ?? 0) + units
  return Math.floor(units / Math.max(1, labelMean, sourceMean))
}
