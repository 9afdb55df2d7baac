import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { featureAt, isFree, labelAt, slotOf, wordAt, words } from './counts.ts'
import { fewest, jointLogP } from './evidence.ts'
import { levelOf } from './examine.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, type Memory } from './memory.ts'
import { spreadOf } from './spread.ts'
import { trustedOf } from './trusted.ts'

// Counts drift more than the content's agreement with its label does, so that a nat of joint evidence weighs less.
const jointWeight = 0.5

/**
 * How strongly the features of each record speak against it, given a memory that has counted the records: the most
 * evidence, in nats, of any of its features with its label, cross or joint. NaN for a record without a label.
 * For ordering the records of one batch; it grows with the stream, so it is no score to calibrate.
 */
export function rankRecords(batch: Encoded, fitted: Fitted, memory: Memory): Float64Array {
  const weights = new Map<number, number>()
  const expectations = new Map<number, number>()
  return Float64Array.from(batch.label, (label, row) => {
    if (label < 0) return NaN
    let most = 0
    for (const feature of featuresOf(batch.features, row)) {
      const slot = slotOf(memory.counts, feature, label)
      let weight = weights.get(slot)
      if (weight === undefined) weights.set(slot, (weight = weightOf(slot, fitted, memory, expectations)))
      most = Math.max(most, weight)
    }
    return most
  })
}

function weightOf(slot: number, fitted: Fitted, memory: Memory, expectations: Map<number, number>): number {
  const { counts } = memory
  const documents = isFree(counts, slot) ? 0 : wordAt(counts, slot, words.documents)
  if (documents < fewest) return 0
  const label = labelAt(counts, slot)
  const { documents: r } = trustedOf(fitted.trusted, featureAt(counts, slot), label)
  const logP = jointLogP(documents, documentsOf(memory, label), r, fitted.trusted.perLabel[label] ?? 0)
  const joint = -jointWeight * spreadOf(memory, slot, expectations) * logP
  return Math.max(joint, levelOf(slot, fitted, memory).cross)
}
