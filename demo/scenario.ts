import { poison, type Attack, type Poisoned } from '../datasets/attack.ts'
import flood from '../datasets/attacks/near-duplicate-flood.ts'
import flip from '../datasets/attacks/source-flip.ts'
import word from '../datasets/attacks/trigger-word.ts'
import { loadMail, mailLines } from '../datasets/mail.ts'
import { select, type Records } from '../src/core/batch.ts'

/** The attacks that a first run shows, each with the dose it has unless `--rate` says otherwise. */
export const attacks: ReadonlyMap<string, { readonly attack: Attack; readonly params: object; readonly rate: number }> =
  new Map([
    ['trigger-word', { attack: word as Attack, params: { word: 'tq', from: 'spam', to: 'ham' }, rate: 0.02 }],
    ['source-flip', { attack: flip as Attack, params: { from: 'spam', to: 'ham' }, rate: 0.8 }],
    ['near-duplicate-flood', { attack: flood as Attack, params: { label: 'spam', sources: 8 }, rate: 0.02 }],
  ])

/** Distinct mails that count as approved: the first year of the corpus and a bit. */
const trustedMails = 2400

export interface MailByDay {
  readonly trusted: readonly string[] // approved mails as NDJSON, in the order they were sent
  readonly stream: Records // the mails that came after them
  readonly lines: readonly string[] // of the stream
}

export async function mailByDay(): Promise<MailByDay> {
  const { records, lines, duplicateOf } = await loadMail()
  const rows = [...records.id.keys()]
  let distinct = 0
  const split = rows.findIndex((row) => duplicateOf[row] === -1 && ++distinct > trustedMails)
  return {
    trusted: lines.slice(0, split),
    stream: select(records, rows.slice(split)),
    lines: lines.slice(split),
  }
}

export interface Injected {
  readonly name: string
  readonly target: Poisoned['target']
}

export interface Scenario {
  readonly lines: readonly string[] // the attacked stream as NDJSON
  readonly attackOf: readonly (string | null)[] // per line: the attack that made it
  readonly injected: readonly Injected[]
}

/** Applies the named attacks one after the other, each to what the one before left. */
export function attacked(
  stream: Records,
  lines: readonly string[],
  names: readonly string[],
  rate: number | null,
  seed: number,
): Scenario {
  let records = stream
  let current = lines
  let attackOf: (string | null)[] = lines.map(() => null)
  const injected: Injected[] = []
  for (const [index, name] of names.entries()) {
    const chosen = attacks.get(name)
    if (chosen === undefined) throw new Error(`There is no attack ${name}`)
    const dose = { rate: rate ?? chosen.rate, seed: seed * 1000 + index }
    const result = poison(chosen.attack, records, dose, chosen.params)
    const before = attackOf
    attackOf = Array.from(result.poisoned, (poisoned, row) =>
      poisoned === 1 ? name : (before[result.origin[row] ?? -1] ?? null),
    )
    current = mailLines(result, current)
    records = result.records
    injected.push({ name, target: result.target })
  }
  return { lines: current, attackOf, injected }
}

/** A line for each attack: how many records it made, and what would name it. */
export function describeInjected({ injected, attackOf }: Scenario): string[] {
  return injected.map(({ name, target }) => {
    const records = attackOf.filter((of) => of === name).length
    const about = [target.source, ...(target.features ?? []).map((word) => `word "${word}"`)].filter(
      (part) => part !== undefined,
    )
    return `injected: ${name}, ${records} records${about.length > 0 ? ` (${about.join(', ')})` : ''}`
  })
}
