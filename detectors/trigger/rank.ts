import { quantile } from '../../src/stats/quantile.ts'
import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { featureAt, isFree, labelAt, slotOf, wordAt, words } from './counts.ts'
import { excess, fewest, jointLogP } from './evidence.ts'
import { crossOf } from './examine.ts'
import type { Fitted } from './fitted.ts'
import { documentsOf, type Memory } from './memory.ts'
import { spreadOf } from './spread.ts'
import { trustedOf } from './trusted.ts'

/**
 * How strongly the features of each record speak against it, given a memory that has counted the records: the most
 * evidence, in nats, of any of its features with its label: cross, as far as the feature is novel, or joint, divided by how much the rates of
 * features have drifted altogether. NaN for a record without a label.
 * For ordering the records of one batch; it grows with the stream, so it is no score to calibrate.
 */
export function rankRecords(batch: Encoded, fitted: Fitted, memory: Memory): Float64Array {
  const weights = new Map<number, number>()
  const inflation = inflationOf(fitted, memory)
  const expectations = new Map<number, number>()
  return Float64Array.from(batch.label, (label, row) => {
    if (label < 0) return NaN
    let most = 0
    for (const feature of featuresOf(batch.features, row)) {
      const slot = slotOf(memory.counts, feature, label)
      let weight = weights.get(slot)
      if (weight === undefined) weights.set(slot, (weight = weightOf(slot, fitted, memory, inflation, expectations)))
      most = Math.max(most, weight)
    }
    return most
  })
}

const commonEnough = 5 // trusted documents, for a rate to be known
const medianOfChiSquared = 0.4549 // one degree of freedom

/**
 * How much more the rates of common features differ between stream and trusted data than chance explains: the median of
 * their squared z, over what it would be by chance, at least 1 (genomic control: Devlin & Roeder, Biometrics 55, 1999).
 */
function inflationOf(fitted: Fitted, memory: Memory): number {
  const { counts } = memory
  const squares: number[] = []
  for (let slot = 0; slot < counts.slots; slot++) {
    if (isFree(counts, slot)) continue
    const label = labelAt(counts, slot)
    const { documents: r } = trustedOf(fitted.trusted, featureAt(counts, slot), label)
    if (r < commonEnough) continue
    const n = fitted.trusted.perLabel[label] ?? 0
    squares.push(excess(wordAt(counts, slot, words.documents), documentsOf(memory, label), r, n) ** 2)
  }
  if (squares.length === 0) return 1
  return Math.max(1, quantile(Float64Array.from(squares).toSorted(), 0.5) / medianOfChiSquared)
}

function weightOf(
  slot: number,
  fitted: Fitted,
  memory: Memory,
  inflation: number,
  expectations: Map<number, number>,
): number {
  const { counts } = memory
  const documents = isFree(counts, slot) ? 0 : wordAt(counts, slot, words.documents)
  if (documents < fewest) return 0
  const label = labelAt(counts, slot)
  const { documents: r } = trustedOf(fitted.trusted, featureAt(counts, slot), label)
  const logP = jointLogP(documents, documentsOf(memory, label), r, fitted.trusted.perLabel[label] ?? 0)
  const joint = (-spreadOf(memory, slot, expectations) * logP) / inflation
  const { logE, novel } = crossOf(slot, fitted, memory)
  return Math.max(joint, novel * logE)
}
