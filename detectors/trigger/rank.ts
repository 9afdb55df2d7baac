import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { featureAt, isFree, labelAt, slotOf, wordAt, words } from './counts.ts'
import type { Fitted } from './fitted.ts'
import type { Memory } from './memory.ts'
import { weighAll } from './weight.ts'

/**
 * How strongly the features of each record speak against it, given a memory that has counted the records: the largest weight, in
 * nats, of any of its features with its label. NaN for a record without a label.
 * For ordering the records of one stream; it grows with the stream, so it is no score to calibrate.
 */
export function rankRecords(batch: Encoded, fitted: Fitted, memory: Memory): Float64Array {
  const weightOf = weighAll(batch, fitted, memory)
  return Float64Array.from(batch.label, (label, row) => {
    if (label < 0) return NaN
    let most = 0
    for (const feature of featuresOf(batch.features, row)) {
      most = Math.max(most, weightOf(slotOf(memory.counts, feature, label)))
    }
    return most
  })
}

export interface RankedFeature {
  readonly feature: number
  readonly label: number
  readonly documents: number
  readonly weight: number // nats
}

/** The `most` features that speak most strongly against the records that have them with a label, by the same weight. */
export function rankFeatures(batch: Encoded, fitted: Fitted, memory: Memory, most: number): readonly RankedFeature[] {
  const { counts } = memory
  const weightOf = weighAll(batch, fitted, memory)
  const ranked: RankedFeature[] = []
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot)) continue
    const weight = weightOf(slot)
    if (weight === 0) continue
    const documents = wordAt(counts, slot, words.documents)
    ranked.push({ feature: featureAt(counts, slot), label: labelAt(counts, slot), documents, weight })
  }
  ranked.sort((a, b) => b.weight - a.weight || a.feature - b.feature || a.label - b.label)
  return ranked.slice(0, most)
}
