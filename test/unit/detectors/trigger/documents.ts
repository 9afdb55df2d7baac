import type { Encoded } from '../../../../src/core/encoded.ts'

export interface Document {
  readonly features: readonly number[]
  readonly label: string | null
  readonly agrees: number // P(label | content)
  readonly source?: string
  readonly at?: number
}

/** Encoded records as an encoder and a reference of two labels, ham and spam, might have made them. */
export function encodedOf(documents: readonly Document[]): Encoded {
  const labels = ['ham', 'spam']
  const sources = [...new Set(documents.flatMap(({ source }) => source ?? []))]
  const offsets = new Int32Array(documents.length + 1)
  documents.forEach(({ features }, row) => (offsets[row + 1] = (offsets[row] ?? 0) + features.length))
  const label = Int32Array.from(documents, (document) => labels.indexOf(document.label ?? ''))
  return {
    records: {
      id: documents.map((_, row) => `r${row}`),
      source: { values: sources, codes: Int32Array.from(documents, ({ source }) => sources.indexOf(source ?? '')) },
      label: { values: labels, codes: label },
      at: Float64Array.from(documents, ({ at }) => at ?? NaN),
      content: { kind: 'text', text: documents.map(() => '') },
    },
    vectors: { rows: documents.length, cols: 0, data: new Float32Array() },
    features: { offsets, ids: Uint32Array.from(documents.flatMap(({ features }) => features)) },
    nameOf: (_, feature) => `word "${feature}"`,
    labels,
    label,
    probabilities: {
      rows: documents.length,
      cols: 2,
      data: Float64Array.from(
        documents.flatMap(({ agrees }, row) => (label[row] === 1 ? [1 - agrees, agrees] : [agrees, 1 - agrees])),
      ),
    },
    nearest: new Int32Array(documents.length).fill(-1),
  }
}

export const trigger = 4_000_000_000

/** Documents of twenty random words of two thousand, whose content agrees with the label more or less. */
export function ordinary(count: number, uniform: () => number, sources = 40): Document[] {
  return Array.from({ length: count }, () => ({
    features: wordsOf(uniform),
    label: uniform() < 0.5 ? 'ham' : 'spam',
    agrees: 0.5 + 0.5 * uniform(),
    source: `s${Math.floor(uniform() * sources)}`,
  }))
}

/** The same with the trigger word, the label ham, and content that contradicts it, or not. */
export function poisoned(count: number, uniform: () => number, agrees = 0.02): Document[] {
  return ordinary(count, uniform).map((document) => ({
    ...document,
    features: [...document.features, trigger],
    label: 'ham',
    agrees,
  }))
}

function wordsOf(uniform: () => number): number[] {
  const words = new Set<number>()
  while (words.size < 20) words.add(Math.floor(2000 * uniform() ** 2))
  return [...words]
}
