import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { hash32 } from '../../src/core/hash.ts'
import { claim, reals, setReal, surpriseUnit, words } from './counts.ts'
import { isSpent } from './evidence.ts'
import { examine } from './examine.ts'
import type { Fitted } from './fitted.ts'
import {
  buckets,
  columnsPerLabel,
  documentsOf,
  labelBuckets,
  labelDocuments,
  labelSurprise,
  sourceBuckets,
} from './memory.ts'
import type { Memory } from './memory.ts'
import { makeRoom } from './room.ts'
import { meet, signatures } from './signature.ts'
import { scoreOf, surpriseOf, type Trusted } from './trusted.ts'

// A label, or a source, that is surprising throughout says so about itself, not about the features of its records: their
// surprise is divided by the mean so far, where it is above the 1 of clean data. It counts from about so many documents.
const labelPrior = 200
const sourcePrior = 10

/** Counts a batch's labelled records into the memory, each distinct document once, and examines the features they have. */
export function accumulate(batch: Encoded, fitted: Fitted, memory: Memory): void {
  memory.streams = Math.max(1, memory.streams)
  memory.batches++
  growLabels(memory, batch.labels.length)
  const most = Math.floor(fitted.capacity / 10)
  let touched: number[] = []
  let room = 0
  for (const { row, label, source, first, second } of arranged(batch, fitted.salt)) {
    const features = featuresOf(batch.features, row).subarray(0, most)
    if (features.length > 0 && meet(memory.seen, first, second)) continue
    if (features.length > room) {
      examine(touched, fitted, memory)
      touched = []
      const more = Math.min(most, Math.max(features.length, batch.features.ids.length))
      const age = { batch: memory.batches, period: memory.batches - memory.shedAt }
      const { counts, shed } = makeRoom(memory.counts, more, fitted.capacity, age, memory.watched)
      memory.counts = counts
      if (shed) memory.shedAt = memory.batches
      room = more
    }
    room -= features.length
    const surprise = takeDocument(memory, fitted.trusted, label, source, scoreOf(batch, row))
    takeFeatures(memory, features, label, source, surprise, touched)
  }
  examine(touched, fitted, memory)
}

interface Arranged {
  readonly row: number
  readonly label: number
  readonly source: number // hash
  readonly first: number
  readonly second: number
  readonly sum: number
}

// In an order that depends on the records alone: within a batch order is chance, and must not change what is measured.
function arranged(batch: Encoded, salt: number): Arranged[] {
  const hashes = batch.records.source.values.map((name) => hash32(name, salt))
  const rows: Arranged[] = []
  batch.label.forEach((label, row) => {
    if (label < 0) return
    const source = hashes[batch.records.source.codes[row] ?? -1] ?? 0
    rows.push({ row, label, source, ...signatures(featuresOf(batch.features, row), label) })
  })
  return rows.toSorted((a, b) => a.sum - b.sum || a.first - b.first || a.source - b.source)
}

function growLabels(memory: Memory, labels: number): void {
  if (memory.perLabel.length >= labels * columnsPerLabel) return
  const grown = new Float64Array(labels * columnsPerLabel)
  grown.set(memory.perLabel)
  memory.perLabel = grown
}

/** Counts a document for its label and its source. Its surprise in units, by what was known of both before it. */
function takeDocument(memory: Memory, trusted: Trusted, label: number, source: number, score: number): number {
  const { perLabel, perSource } = memory
  const ofLabel = label * columnsPerLabel
  const ofSource = 2 * ((source >>> 6) & (sourceBuckets - 1))
  const labelSum = (perLabel[ofLabel + labelSurprise] ?? 0) * surpriseUnit
  const labelMean = (labelPrior + labelSum) / (labelPrior + documentsOf(memory, label))
  const sourceSum = (perSource[ofSource + 1] ?? 0) * surpriseUnit
  const sourceMean = (sourcePrior * labelMean + sourceSum) / (sourcePrior + (perSource[ofSource] ?? 0))
  const units = Math.round(surpriseOf(trusted, label, score) / surpriseUnit)
  add(perLabel, ofLabel + labelDocuments, 1)
  add(perLabel, ofLabel + labelSurprise, units)
  add(perLabel, ofLabel + labelBuckets + (source & (buckets - 1)), 1)
  add(perSource, ofSource, 1)
  add(perSource, ofSource + 1, units)
  return Math.floor(units / Math.max(1, labelMean, sourceMean))
}

function add(to: Float64Array, at: number, amount: number): void {
  to[at] = (to[at] ?? 0) + amount
}

function takeFeatures(
  memory: Memory,
  features: Uint32Array,
  label: number,
  source: number,
  surprise: number,
  touched: number[],
): void {
  const { counts, batches } = memory
  const before = documentsOf(memory, label) - 1
  const bit = 1 << (source & 31)
  const half = (source & 32) === 0 ? words.low : words.high
  for (const feature of features) {
    const slot = claim(counts, feature, label)
    const at = slot * counts.stride
    const real = at / 2 + reals.surprise
    if (counts.words[at + words.touched] !== batches) {
      counts.words[at + words.touched] = batches
      if (isSpent(counts.words[at + words.since] ?? 0, (counts.reals[real] ?? 0) * surpriseUnit)) {
        counts.words[at + words.since] = 0
        counts.reals[real] = 0
        setReal(counts, slot, reals.onset, before)
      }
      touched.push(slot)
    }
    counts.words[at + words.documents] = (counts.words[at + words.documents] ?? 0) + 1
    counts.words[at + words.since] = (counts.words[at + words.since] ?? 0) + 1
    counts.words[at + half] = (counts.words[at + half] ?? 0) | bit
    counts.reals[real] = (counts.reals[real] ?? 0) + surprise
  }
}
