import { normal, random } from '../../src/stats/random.ts'
import { sentences } from '../sentences.ts'

/** One kind of records that streams are made of. */
export interface Content {
  readonly name: 'text' | 'vector'
  readonly about: string
  readonly encoder: string
  readonly fields: { readonly [part: string]: string }
  readonly detectors: readonly string[] // what every figure is taken with; further ones cost more
  /** JSON objects without end, the same for the same seed. */
  records(seed: number): AsyncIterator<string>
}

const ofLabels = ['label-disagreement', 'class-shift', 'pair-flip', 'duplicate-flood', 'novel-label']

const begin = Date.UTC(2024, 0, 1)
const everyMs = 10

// About a kilobyte of JSON a record.
const words = { shortest: 150, longest: 180 }

export const text: Content = {
  name: 'text',
  about: 'text records of 150 to 180 words (a Markov chain over real mails), GloVe',
  encoder: 'text-glove',
  fields: { id: 'id', source: 'source', time: 'ts', label: 'label', text: 'text' },
  detectors: [...ofLabels, 'trigger'],
  async *records(seed) {
    let i = 0
    for await (const { id, source, label, text: body } of sentences(seed, words))
      yield JSON.stringify({ id, source, ts: begin + everyMs * i++, label, text: body })
  },
}

const dims = 64
const labels = 4
const sources = 40

export const vector: Content = {
  name: 'vector',
  about: `vectors of ${dims} floats as JSON lists, one Gaussian cluster a label`,
  encoder: 'vector',
  fields: { id: 'id', source: 'source', time: 'ts', label: 'label', vector: 'vector' },
  detectors: ofLabels,
  async *records(seed) {
    const ofCentres = random(1) // the clusters are the same whatever the stream's seed
    const centres = Array.from({ length: labels }, () => Array.from({ length: dims }, () => normal(ofCentres)))
    const uniform = random(seed)
    for (let i = 0; ; i++) {
      const label = Math.floor(uniform() * labels)
      const values = centres[label]?.map((centre) => Number((centre + normal(uniform)).toFixed(6)))
      const source = `s${Math.floor(uniform() * sources)}`
      yield JSON.stringify({ id: `v${i}`, source, ts: begin + everyMs * i, label: `l${label}`, vector: values })
    }
  },
}

/** The next so many records. */
export async function next(records: AsyncIterator<string>, count: number): Promise<string[]> {
  const lines: string[] = []
  while (lines.length < count) {
    const { value } = await records.next()
    lines.push(value as string)
  }
  return lines
}
