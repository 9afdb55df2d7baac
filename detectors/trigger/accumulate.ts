import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { hash32 } from '../../src/core/hash.ts'
import { scoreOf } from './content.ts'
import { claimAll, reals, setReal, surpriseUnit, words, wordsPerSlot } from './counts.ts'
import { isSpent } from './evidence.ts'
import { examine, isDue } from './examine.ts'
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
import { surpriseOf, type Trusted } from './trusted.ts'

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
  let touched = noneTouched(memory, 0)
  let room = 0
  for (const { row, label, source, first, second, features } of arranged(batch, fitted.salt, most)) {
    if (features.length > 0 && meet(memory.seen, first, second)) continue
    if (features.length > room) {
      examine(dueOf(touched), fitted, memory)
      const more = Math.min(most, Math.max(features.length, batch.features.ids.length))
      const age = { batch: memory.batches, period: memory.batches - memory.shedAt }
      const { counts, shed } = makeRoom(memory.counts, more, fitted.capacity, age, memory.watched)
      memory.counts = counts
      if (shed) memory.shedAt = memory.batches
      touched = noneTouched(memory, more)
      room = more
    }
    room -= features.length
    const surprise = takeDocument(memory, fitted.trusted, label, source, scoreOf(batch, row, fitted.content))
    takeFeatures(memory, features, label, source, surprise, touched)
  }
  examine(dueOf(touched), fitted, memory)
}

/** Slots that documents came to since they were last examined. */
interface Touched {
  readonly slots: Int32Array // each once, in the order in which they were first touched
  count: number
  readonly due: Uint8Array // a bit a slot: to be examined. Few are, and to look at a slot once more costs a cache miss
}

function noneTouched({ counts }: Memory, most: number): Touched {
  return { slots: new Int32Array(most), count: 0, due: new Uint8Array(Math.ceil(counts.slots / 8)) }
}

function dueOf({ slots, count, due }: Touched): Int32Array {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const slot = slots[i] ?? 0
    if (((due[slot >>> 3] ?? 0) & (1 << (slot & 7))) !== 0) slots[kept++] = slot
  }
  return slots.subarray(0, kept)
}

interface Arranged {
  readonly row: number
  readonly label: number
  readonly source: number // hash
  readonly first: number
  readonly second: number
  readonly sum: number
  readonly features: Uint32Array
}

// In an order that depends on the records alone: within a batch order is chance, and must not change what is measured.
function arranged(batch: Encoded, salt: number, mostFeatures: number): Arranged[] {
  const hashes = batch.records.source.values.map((name) => hash32(name, salt))
  const rows: Arranged[] = []
  batch.label.forEach((label, row) => {
    if (label < 0) return
    const source = hashes[batch.records.source.codes[row] ?? -1] ?? 0
    const all = featuresOf(batch.features, row)
    const { first, second, sum } = signatures(all, label)
    const features = all.length > mostFeatures ? all.subarray(0, mostFeatures) : all
    rows.push({ row, label, source, first, second, sum, features })
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

let slots = new Int32Array(1024) // of the document at hand

function takeFeatures(
  memory: Memory,
  features: Uint32Array,
  label: number,
  source: number,
  surprise: number,
  touched: Touched,
): void {
  const { counts, batches } = memory
  const { due } = touched
  const table = counts.words
  const before = documentsOf(memory, label) - 1
  const bit = 1 << (source & 31)
  const half = (source & 32) === 0 ? words.low : words.high
  if (slots.length < features.length) slots = new Int32Array(2 * features.length)
  claimAll(counts, features, label, slots)
  for (let i = 0; i < features.length; i++) {
    const slot = slots[i] ?? 0
    const at = slot * wordsPerSlot
    const real = at / 2 + reals.surprise
    if (table[at + words.touched] !== batches) {
      table[at + words.touched] = batches
      touched.slots[touched.count++] = slot
      if (isSpent(table[at + words.since] ?? 0, (counts.reals[real] ?? 0) * surpriseUnit)) {
        table[at + words.since] = 0
        counts.reals[real] = 0
        setReal(counts, slot, reals.onset, before)
      }
    }
    const documents = (table[at + words.documents] ?? 0) + 1
    table[at + words.documents] = documents
    table[at + words.since] = (table[at + words.since] ?? 0) + 1
    table[at + half] = (table[at + half] ?? 0) | bit
    counts.reals[real] = (counts.reals[real] ?? 0) + surprise
    if (isDue(documents, table[at + words.tests] ?? 0, counts.reals[at / 2 + reals.joint] ?? 0))
      due[slot >>> 3] = (due[slot >>> 3] ?? 0) | (1 << (slot & 7))
  }
}
