import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { valueAt } from '../src/core/column.ts'
import { random } from '../src/stats/random.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'

const SHORTEST = 15
const LONGEST = 25
const SOURCES = 40

export interface Sentence {
  readonly id: string
  readonly source: string
  readonly label: string
  readonly text: string
}

interface Word {
  readonly spelling: string
  readonly places: number[] // where it stands
}

/**
 * An endless, stationary stream of sentences with labels and sources, of 15 to 25 words unless told otherwise: a first-order
 * Markov chain over the words of real mails, one chain a label, so that words have the frequencies and neighbours of real text.
 */
export async function* sentences(
  seed: number,
  { shortest = SHORTEST, longest = LONGEST } = {},
): AsyncGenerator<Sentence> {
  const mail = await loadMail()
  const { content, label } = mail.records
  if (content.kind !== 'text') return
  // Of each label the words of its mails, in order. Equal words are one object, which stays in the processor's cache.
  const chains = new Map<string, { words: Word[]; places: Map<string, Word> }>()
  for (const row of distinctMails(mail)) {
    const name = valueAt(label, row) ?? ''
    let chain = chains.get(name)
    if (chain === undefined) chains.set(name, (chain = { words: [], places: new Map() }))
    for (const spelling of (content.text[row] ?? '').toLowerCase().match(/[a-z']+/g) ?? []) {
      let word = chain.places.get(spelling)
      if (word === undefined) chain.places.set(spelling, (word = { spelling, places: [] }))
      word.places.push(chain.words.length)
      chain.words.push(word)
    }
  }
  const uniform = random(seed)
  const pick = (count: number) => Math.floor(uniform() * count)
  const labels = [...chains]
  for (let id = 0; ; id++) {
    const [name, { words }] = labels[uniform() < 0.3 ? 1 : 0] ?? ['', { words: [] as Word[] }]
    const length = shortest + pick(longest - shortest + 1)
    const text: string[] = []
    for (let at = pick(words.length); text.length < length;) {
      const { spelling, places } = words[at] ?? { spelling: '', places: [] }
      text.push(spelling)
      at = ((places[pick(places.length)] ?? 0) + 1) % words.length
    }
    yield { id: `r${id}`, source: `s${pick(SOURCES)}`, label: name, text: text.join(' ') }
  }
}

/** Writes NDJSON files of so many sentences each, one after the other from one stream. */
export async function writeSentences(
  seed: number,
  files: readonly { readonly path: string; readonly records: number }[],
): Promise<void> {
  const lines = sentences(seed)
  for (const { path, records } of files) {
    const file = createWriteStream(path)
    let held: string[] = []
    for (let written = 0; written < records; written++) {
      held.push(JSON.stringify((await lines.next()).value))
      if (held.length < 1000 && written + 1 < records) continue
      if (!file.write(`${held.join('\n')}\n`)) await once(file, 'drain')
      held = []
    }
    file.end()
    await finished(file)
  }
}
