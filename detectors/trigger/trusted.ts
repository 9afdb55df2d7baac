import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { conformalPValue } from '../../src/stats/conformal-p-value.ts'
import { featureAt, isFree, labelAt, setKey, slotOf, type Keys } from './counts.ts'
import { meet, remembered, signatures } from './signature.ts'

/** What the trusted reference says. Each distinct document counts once. */
export interface Trusted extends Keys {
  readonly perLabel: Float64Array // documents of each label
  readonly scores: readonly Float64Array[] // their leave-one-out scores by content, ascending
  readonly documents: Uint32Array // by slot: documents with the feature and the label
  readonly surprise: Float64Array // by slot: the sum of −ln of their conformal p-values
}

export const trustedStride = 2
const fewestSlots = 16
const fullest = 0.7

/** −ln of a record's conformal p-value among trusted documents of its label: on average at most 1 on clean data. */
export function surpriseOf(trusted: Pick<Trusted, 'scores'>, label: number, score: number): number {
  const scores = trusted.scores[label]
  return scores === undefined || Number.isNaN(score) ? 0 : -Math.log(conformalPValue(scores, score))
}

/** Counts the reference, or some of its rows, given each row's leave-one-out score. */
export function trustedFrom(reference: Encoded, scoreOfRow: Float64Array, among?: ArrayLike<number>): Trusted {
  const rows = distinctRows(reference, among)
  const perLabel = new Float64Array(reference.labels.length)
  const scores: number[][] = reference.labels.map(() => [])
  for (const row of rows) {
    const label = reference.label[row] ?? -1
    perLabel[label] = (perLabel[label] ?? 0) + 1
    scores[label]?.push(scoreOfRow[row] ?? NaN)
  }
  const sorted = { scores: scores.map((s) => Float64Array.from(s).toSorted()) }
  let table = emptyTable(fewestSlots)
  let used = 0
  for (const row of rows) {
    const features = featuresOf(reference.features, row)
    while (used + features.length > fullest * table.slots) table = doubled(table)
    const label = reference.label[row] ?? -1
    const surprise = surpriseOf(sorted, label, scoreOfRow[row] ?? NaN)
    for (const feature of features) {
      const slot = slotOf(table, feature, label)
      if (isFree(table, slot)) used++
      setKey(table, slot, feature, label)
      table.documents[slot] = (table.documents[slot] ?? 0) + 1
      table.surprise[slot] = (table.surprise[slot] ?? 0) + surprise
    }
  }
  return { ...table, perLabel, ...sorted }
}

type Table = Omit<Trusted, 'perLabel' | 'scores'>

export function emptyTable(slots: number): Table {
  return {
    slots,
    words: new Uint32Array(slots * trustedStride),
    stride: trustedStride,
    documents: new Uint32Array(slots),
    surprise: new Float64Array(slots),
  }
}

/** Slots for a table of so many keys. */
export function slotsFor(keys: number): number {
  let slots = fewestSlots
  while (keys > fullest * slots) slots *= 2
  return slots
}

function doubled(table: Table): Table {
  const larger = emptyTable(2 * table.slots)
  for (let from = 0; from < table.slots; from++) {
    if (isFree(table, from)) continue
    const slot = slotOf(larger, featureAt(table, from), labelAt(table, from))
    setKey(larger, slot, featureAt(table, from), labelAt(table, from))
    larger.documents[slot] = table.documents[from] ?? 0
    larger.surprise[slot] = table.surprise[from] ?? 0
  }
  return larger
}

/** Labelled rows, near-duplicates once. */
export function distinctRows(
  reference: Encoded,
  among: ArrayLike<number> = reference.label.map((_, row) => row),
): number[] {
  const seen = new Uint32Array(2 * remembered)
  return Array.from(among).filter((row) => {
    const label = reference.label[row] ?? -1
    if (label < 0) return false
    const features = featuresOf(reference.features, row)
    const { first, second } = signatures(features, label)
    return features.length === 0 || !meet(seen, first, second)
  })
}

// What is hard about a feature's trusted documents counts in full from about this many on.
const hardnessPrior = 5

export function trustedDocuments(trusted: Trusted, feature: number, label: number): number {
  return trusted.documents[slotOf(trusted, feature, label)] ?? 0
}

/** Trusted documents with the feature and the label, and their mean surprise where it is above the 1 of all of them. */
export function trustedOf(trusted: Trusted, feature: number, label: number): { documents: number; hardness: number } {
  const slot = slotOf(trusted, feature, label)
  const documents = trusted.documents[slot] ?? 0
  const surprise = trusted.surprise[slot] ?? 0
  return { documents, hardness: Math.max(1, (hardnessPrior + surprise) / (hardnessPrior + documents)) }
}

// What trusted records of another label have is half expected of this one: their label may be chance, and the content
// of the records that have it, of which it is a part, resembles that other label without anybody's doing.
const borrowed = 0.5

/** Documents of a label that trusted data leads one to expect to have the feature, of as many as it has of the label. */
export function foreseen(trusted: Trusted, feature: number, label: number): number {
  const { perLabel } = trusted
  let elsewhere = 0
  for (let other = 0; other < perLabel.length; other++) {
    const n = perLabel[other] ?? 0
    if (other === label || n === 0) continue
    elsewhere = Math.max(elsewhere, trustedDocuments(trusted, feature, other) / n)
  }
  return trustedDocuments(trusted, feature, label) + borrowed * elsewhere * (perLabel[label] ?? 0)
}

export function isUnknown(trusted: Trusted, feature: number): boolean {
  for (let label = 0; label < trusted.perLabel.length; label++) {
    if (!isFree(trusted, slotOf(trusted, feature, label))) return false
  }
  return true
}
