import type { Encoded } from '../../src/core/encoded.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { featureAt, isFree, labelAt, wordAt, words } from './counts.ts'
import { excess, fewest, jointLogP } from './evidence.ts'
import type { Fitted } from './fitted.ts'
import { leaningOf } from './leaning.ts'
import { documentsOf, type Memory } from './memory.ts'
import { spreadOf } from './spread.ts'
import { contentOf, surpriseBySlot, type Told } from './told.ts'
import { foreseen, trustedOf } from './trusted.ts'

const novelty = 3
const leaningShare = 0.5 // topics lean to labels without anybody's doing

/**
 * How strongly each (feature, label) counted speaks against the records that have both, in nats, for ordering: no p-value, and
 * no evidence for an alarm. Two questions, of which the stronger answer counts. Is the pair more frequent than in trusted
 * data, by the exact test of the alarm, divided by how much the rates of all features drifted? And, as far as it is more
 * frequent: do content and labels contradict each other, by the p-value of the surprise of its documents (Fisher's
 * combination) and that of the feature's leaning to the label? A word of honest text that leans to a label makes content
 * fit it; a word that speaks against a label leans away from it, and pays for its surprise.
 */
export function weighAll(batch: Encoded, fitted: Fitted, memory: Memory): (slot: number) => number {
  const inflation = inflationOf(fitted, memory)
  const told = surpriseBySlot(batch, fitted, memory)
  const expectations = new Map<number, number>()
  const known = new Map<number, number>()
  return (slot) => {
    let weight = known.get(slot)
    if (weight === undefined) known.set(slot, (weight = weightOf(slot, told, fitted, memory, inflation, expectations)))
    return weight
  }
}

function weightOf(
  slot: number,
  told: Told,
  fitted: Fitted,
  memory: Memory,
  inflation: number,
  expectations: Map<number, number>,
): number {
  const { counts } = memory
  const documents = isFree(counts, slot) ? 0 : wordAt(counts, slot, words.documents)
  if (documents < fewest) return 0
  const label = labelAt(counts, slot)
  const feature = featureAt(counts, slot)
  const { documents: r, hardness } = trustedOf(fitted.trusted, feature, label)
  const t = documentsOf(memory, label)
  const n = fitted.trusted.perLabel[label] ?? 0
  const spread = spreadOf(memory, slot, expectations)
  const joint = (-spread * jointLogP(documents, t, r, n)) / inflation
  const times = (documents * n) / ((foreseen(fitted.trusted, feature, label) + 0.5) * t)
  const novel = Math.min(1, Math.max(0, (times - 1) / (novelty - 1)))
  if (novel === 0) return joint
  const content = contentOf(slot, told, hardness, memory)
  const leaning = leaningOf(feature, label, documents, fitted, memory)
  return Math.max(joint, novel * spread * Math.max(0, content + leaningShare * leaning))
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
