import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { hash32 } from '../../src/core/hash.ts'
import { logChiSquareSurvival } from '../../src/stats/log-chi-square-survival.ts'
import { scoreOf } from './content.ts'
import { isFree, realAt, reals, slotOf, surpriseUnit, wordAt, words } from './counts.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, columnsPerLabel, labelSurprise, sourceBuckets, type Memory } from './memory.ts'
import { distinctRows, surpriseOf } from './trusted.ts'

const sourcePrior = 10 // documents from which on a source speaks for itself

// Beyond ten decimal digits content says no more: common words reach any number in time.
const mostOfContent = 10 * Math.LN10

/** What the records at hand say of each slot: distinct documents, and the sum of their surprise. */
export interface Told {
  readonly documents: Uint32Array
  readonly surprise: Float64Array
}

export function surpriseBySlot(batch: Encoded, fitted: Fitted, memory: Memory): Told {
  const { counts } = memory
  const told = { documents: new Uint32Array(counts.slots), surprise: new Float64Array(counts.slots) }
  const usual = usualSurprise(batch, fitted.salt, memory)
  for (const row of distinctRows(batch)) {
    const label = batch.label[row] ?? -1
    const surprise = surpriseOf(fitted.trusted, label, scoreOf(batch, row, fitted.content)) / usual(row)
    for (const feature of featuresOf(batch.features, row)) {
      const slot = slotOf(counts, feature, label)
      if (isFree(counts, slot)) continue
      told.documents[slot] = (told.documents[slot] ?? 0) + 1
      told.surprise[slot] = (told.surprise[slot] ?? 0) + surprise
    }
  }
  return told
}

/** The mean surprise, at least 1, of all that the memory holds of a row's label, or of its source where that is more. */
function usualSurprise({ label, records: { source } }: Encoded, salt: number, memory: Memory): (row: number) => number {
  const hashes = source.values.map((name) => hash32(name, salt))
  return (row) => {
    const of = label[row] ?? 0
    const bucket = 2 * (((hashes[source.codes[row] ?? -1] ?? 0) >>> 6) & (sourceBuckets - 1))
    const labelSum = (memory.perLabel[of * columnsPerLabel + labelSurprise] ?? 0) * surpriseUnit
    const labelMean = labelSum / Math.max(1, documentsOf(memory, of))
    const sourceSum = (memory.perSource[bucket + 1] ?? 0) * surpriseUnit
    return Math.max(
      1,
      labelMean,
      (sourcePrior * labelMean + sourceSum) / (sourcePrior + (memory.perSource[bucket] ?? 0)),
    )
  }
}

/**
 * −ln p of the surprise of a subject's documents, or ln p of the opposite test where they fit the label better than most: by
 * the records at hand, or, where the evidence has run over more of them since it last restarted, by the memory.
 */
export function contentOf(slot: number, told: Told, hardness: number, { counts }: Memory): number {
  const since = wordAt(counts, slot, words.since)
  const here = told.documents[slot] ?? 0
  const documents = Math.max(since, here)
  if (documents === 0) return 0
  const sum = here >= since ? (told.surprise[slot] ?? 0) : realAt(counts, slot, reals.surprise) * surpriseUnit
  const surprise = sum / hardness
  const logP = logChiSquareSurvival(2 * Math.max(0, surprise), 2 * documents)
  return surprise >= documents ? Math.min(mostOfContent, -logP) : Math.log(-Math.expm1(logP))
}
