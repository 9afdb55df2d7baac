import { poison, type Attack } from '../datasets/attack.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadAttacks } from '../datasets/registry.ts'
import detector from '../detectors/trigger.ts'
import { featureAt, isFree, labelAt, slotOf, wordAt, words } from '../detectors/trigger/counts.ts'
import { levelOf, logShare } from '../detectors/trigger/examine.ts'
import type { Fitted } from '../detectors/trigger/fitted.ts'
import type { Memory } from '../detectors/trigger/memory.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { select, type Records } from '../src/core/batch.ts'
import { selectEncoded, type Encoded } from '../src/core/encoded.ts'
import { encodedBy, fitted } from './fitted.ts'
import { naming } from './naming.ts'
import { slice } from './parts.ts'
import type { Bench, Figure } from './report.ts'

const TRUSTED = 2400
const BATCH = 50
const ENCODER = 'text-glove'
// One false alarm in 1e4 batches, of which triggers may have a quarter.
const threshold = Math.log(1e4 / 0.25)

interface Cell {
  readonly attack: string
  readonly count: number
  readonly params: Readonly<{ [name: string]: unknown }>
}

const flip = { from: 'spam', to: 'ham' }
const cells: readonly Cell[] = [
  ...[18, 35, 70, 140].map((count) => ({ attack: 'trigger-word', count, params: { ...flip, word: 'tq' } })),
  ...[35, 70, 140].map((count) => ({ attack: 'trigger-word', count, params: { ...flip, word: 'bb' } })),
  ...[35, 70, 140].map((count) => ({ attack: 'trigger-word', count, params: { ...flip, word: 'cf' } })),
  ...[18, 35, 70].map((count) => ({ attack: 'trigger-phrase', count, params: flip })),
  ...[35, 140].map((count) => ({ attack: 'clean-label-word', count, params: { word: 'tq', to: 'ham' } })),
]

export interface Walked {
  readonly cross: number // largest weighted log evidence of any subject at any time
  readonly joint: number
  readonly top: string // the subject of the largest of both
  readonly topAny: number
  readonly alarms: ReadonlyMap<string, { readonly records: number; readonly documents: number }> // name → when
}

function stateOf(baseline: Baseline): Fitted {
  const found = baseline.detectors.find(({ name }) => name === 'trigger')
  if (found === undefined) throw new Error(`trigger is off: ${JSON.stringify(baseline.manifest.off)}`)
  return found.fitted as Fitted
}

/** Sends records past the detector in batches and notes which subjects crossed the budget, and when. */
export function walk(baseline: Baseline, encoded: Encoded, batch = BATCH): Walked {
  const state = stateOf(baseline)
  let memory = detector.memory.empty()
  const largest = { cross: -Infinity, joint: -Infinity, topAny: -Infinity, top: '' }
  const alarms = new Map<string, { records: number; documents: number }>()
  const nameOf = naming(encoded)
  for (let first = 0; first < encoded.label.length; first += batch) {
    const rows = Int32Array.from({ length: Math.min(batch, encoded.label.length - first) }, (_, i) => first + i)
    const measured = detector.measure(selectEncoded(encoded, rows), state, memory)
    memory = measured.memory
    for (const measurement of measured.measurements) {
      if (measurement.kind !== 'level' || measurement.subject.kind !== 'feature' || measurement.logE < threshold)
        continue
      const name = `${nameOf(measurement.subject.feature)} / ${measurement.subject.label}`
      if (alarms.has(name)) continue
      const slot = slotOf(memory.counts, measurement.subject.feature, encoded.labels.indexOf(measurement.subject.label))
      alarms.set(name, { records: first + rows.length, documents: wordAt(memory.counts, slot, words.documents) })
    }
    if ((first / batch) % 5 === 4 || first + batch >= encoded.label.length)
      survey(
        state,
        memory,
        largest,
        (slot) => `${nameOf(featureAt(memory.counts, slot))} / ${encoded.labels[labelAt(memory.counts, slot)]}`,
      )
  }
  return { ...largest, alarms }
}

function survey(
  state: Fitted,
  memory: Memory,
  largest: { cross: number; joint: number; topAny: number; top: string },
  name: (slot: number) => string,
): void {
  for (let slot = 0; slot < memory.counts.slots; slot++) {
    if (isFree(memory.counts, slot) || logShare(memory, slot) === -Infinity) continue
    const share = logShare(memory, slot)
    const { cross, joint, total } = levelOf(slot, state, memory)
    largest.cross = Math.max(largest.cross, cross + share)
    largest.joint = Math.max(largest.joint, joint + share)
    if (total + share > largest.topAny) {
      largest.topAny = total + share
      largest.top = `${name(slot)} (${wordAt(memory.counts, slot, words.documents)} documents, cross ${(cross + share).toFixed(1)}, joint ${(joint + share).toFixed(1)})`
    }
  }
}

async function run(records: Records, seeds: readonly number[], note: (line: string) => void) {
  const attacks = await loadAttacks()
  const trusted = slice(records, 0, TRUSTED)
  const stream = slice(records, TRUSTED, records.id.length)
  const clean: Walked[] = []
  const caught = cells.map(() => [] as { poisons: number; records: number }[])
  for (const seed of seeds) {
    const baseline = await fitted(trusted, { encoder: ENCODER, detectors: ['trigger'], seed })
    const { temper } = stateOf(baseline)
    const seen = walk(baseline, await encodedBy(baseline, stream))
    clean.push(seen)
    note(
      `seed ${seed}: clean: cross ${seen.cross.toFixed(2)}, joint ${seen.joint.toFixed(2)}, alarms ${[...seen.alarms.keys()].join(', ') || 'none'}; temper ${temper.toFixed(2)}; ${seen.top}`,
    )
    for (const [i, { attack, count, params }] of cells.entries()) {
      const {
        records: attacked,
        poisoned,
        target,
      } = poison(attacks.get(attack) as Attack, stream, { seed, count }, params)
      const { alarms } = walk(baseline, await encodedBy(baseline, attacked))
      const own = [...alarms].filter(([name]) =>
        (target.features ?? []).some((feature) => feature.split(' ').some((word) => name.includes(word))),
      )
      const at = own.length === 0 ? Infinity : Math.min(...own.map(([, when]) => when.records))
      const poisons = at === Infinity ? Infinity : poisoned.subarray(0, at).reduce((sum, flag) => sum + flag, 0)
      caught[i]?.push({ poisons, records: at })
      note(
        `seed ${seed}: ${attack} ${JSON.stringify(params)} ${count}: after ${poisons} poisons, ${at} records: ${[...alarms].map(([name, when]) => `${name} at ${when.documents}`).join('; ') || 'no alarm'}`,
      )
    }
  }
  return { clean, caught }
}

export const bench: Bench = {
  about: 'how soon the trigger detector alarms on a stream of mail, and what clean mail leads it to',
  async run({ seeds, note }) {
    const mail = await loadMail()
    const { clean, caught } = await run(select(mail.records, distinctMails(mail)), seeds, note)
    const figures: Figure[] = [
      { what: 'clean: largest weighted log10 evidence, cross', values: clean.map((c) => c.cross / Math.LN10) },
      { what: 'clean: largest weighted log10 evidence, joint', values: clean.map((c) => c.joint / Math.LN10) },
      { what: 'clean: subjects that alarmed', values: clean.map((c) => c.alarms.size), target: { atMost: 0 } },
      ...cells.flatMap(({ attack, count, params }, i): Figure[] => {
        const what = `${attack}${'word' in params ? ` "${String(params['word'])}"` : ''}, ${count}`
        const values = caught[i] ?? []
        const delays = values.map(({ poisons }) => poisons).filter((poisons) => poisons < Infinity)
        return [
          { what: `${what}: alarm`, values: values.map(({ poisons }) => (poisons < Infinity ? 1 : 0)) },
          ...(delays.length > 0 ? [{ what: `${what}: poisons until alarm, where it came`, values: delays }] : []),
        ]
      }),
    ]
    return [
      {
        title: 'Mail: trigger alarms along the stream',
        setting: `distinct mails in order of arrival, the first ${TRUSTED} trusted (half of them reference), the rest in batches of ${BATCH}, ${ENCODER}; alarm at an average run length of 1e4 batches of which triggers have a quarter`,
        figures,
      },
    ]
  },
}
