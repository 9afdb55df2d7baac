import { featuresOf, type Encoded } from '../../src/core/encoded.ts'
import { conformalPValue } from '../../src/stats/conformal-p-value.ts'
import { slotOf, type Keys } from './counts.ts'
import { meet, remembered, signatures } from './signature.ts'

/** What the trusted reference says, frozen. Each distinct document counts once. */
export interface Trusted extends Keys {
  readonly perLabel: Float64Array // documents of each label
  readonly scores: readonly Float64Array[] // their leave-one-out scores −ln P(label | content), ascending
  readonly documents: Uint32Array // by slot: documents with the feature and the label
  readonly surprise: Float64Array // by slot: the sum of −ln of their conformal p-values
}

export function scoreOf(encoded: Encoded, row: number): number {
  const label = encoded.label[row] ?? -1
  return -Math.log(encoded.probabilities.data[row * encoded.probabilities.cols + label] ?? 1)
}

/** −ln of a record's conformal p-value among trusted documents of the same label: on average at most 1 on clean data. */
export function surpriseOf(trusted: Pick<Trusted, 'scores'>, label: number, score: number): number {
  const scores = trusted.scores[label]
  return scores === undefined || score !== score ? 0 : -Math.log(conformalPValue(scores, score))
}

/** Counts the reference, of the rows given; the scores are leave-one-out because the reference is encoded so. */
export function trustedFrom(
  reference: Encoded,
  among: ArrayLike<number> = reference.label.map((_, row) => row),
): Trusted {
  const rows = distinctRows(reference, among)
  const perLabel = new Float64Array(reference.labels.length)
  const scores: number[][] = reference.labels.map(() => [])
  for (const row of rows) {
    const label = reference.label[row] ?? -1
    perLabel[label] = (perLabel[label] ?? 0) + 1
    scores[label]?.push(scoreOf(reference, row))
  }
  const sorted = { scores: scores.map((s) => Float64Array.from(s).toSorted()) }
  let table = emptyTable(1024)
  let used = 0
  for (const row of rows) {
    const features = featuresOf(reference.features, row)
    while (used + features.length > 0.7 * table.slots) table = doubled(table)
    const label = reference.label[row] ?? -1
    const surprise = surpriseOf(sorted, label, scoreOf(reference, row))
    for (const feature of features) {
      const slot = slotOf(table, feature, label)
      if (table.label[slot] === 0) used++
      put(table, slot, feature, label, (table.documents[slot] ?? 0) + 1, (table.surprise[slot] ?? 0) + surprise)
    }
  }
  return { ...table, perLabel, ...sorted }
}

type Table = Keys & Pick<Trusted, 'documents' | 'surprise'>

export function emptyTable(slots: number): Table {
  return {
    slots,
    feature: new Uint32Array(slots),
    label: new Uint16Array(slots),
    documents: new Uint32Array(slots),
    surprise: new Float64Array(slots),
  }
}

export function put(
  table: Table,
  slot: number,
  feature: number,
  label: number,
  documents: number,
  surprise: number,
): void {
  table.feature[slot] = feature
  table.label[slot] = label + 1
  table.documents[slot] = documents
  table.surprise[slot] = surprise
}

function doubled(table: Table): Table {
  const larger = emptyTable(2 * table.slots)
  table.label.forEach((label, from) => {
    if (label === 0) return
    const feature = table.feature[from] ?? 0
    put(
      larger,
      slotOf(larger, feature, label - 1),
      feature,
      label - 1,
      table.documents[from] ?? 0,
      table.surprise[from] ?? 0,
    )
  })
  return larger
}

function distinctRows(reference: Encoded, among: ArrayLike<number>): number[] {
  const seen = new Uint32Array(2 * remembered)
  return Array.from(among).filter((row) => {
    const label = reference.label[row] ?? -1
    if (label < 0) return false
    const features = featuresOf(reference.features, row)
    const { first, second } = signatures(features, label)
    return features.length === 0 || !meet(seen, first, second)
  })
}
