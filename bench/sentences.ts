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
  const chains = new Map<string, { words: string[]; next: Map<string, number[]> }>()
  for (const row of distinctMails(mail)) {
    const name = valueAt(label, row) ?? ''
    let chain = chains.get(name)
    if (chain === undefined) chains.set(name, (chain = { words: [], next: new Map() }))
    for (const word of (content.text[row] ?? '').toLowerCase().match(/[a-z']+/g) ?? []) {
      const places = chain.next.get(word)
      if (places === undefined) chain.next.set(word, [chain.words.length])
      else places.push(chain.words.length)
      chain.words.push(word)
    }
  }
  const uniform = random(seed)
  const pick = (count: number) => Math.floor(uniform() * count)
  const labels = [...chains]
  for (let id = 0; ; id++) {
    const [name, chain] = labels[uniform() < 0.3 ? 1 : 0] ?? ['', { words: [], next: new Map<string, number[]>() }]
    const length = shortest + pick(longest - shortest + 1)
    const text: string[] = []
    for (let at = pick(chain.words.length); text.length < length;) {
      const word = chain.words[at] ?? ''
      text.push(word)
      const places = chain.next.get(word) ?? []
      at = ((places[pick(places.length)] ?? 0) + 1) % chain.words.length
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
