import { poison, type Attack } from '../datasets/attack.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { select, sizeOf, type Records } from '../src/core/batch.ts'
import { fitted } from './fitted.ts'
import { randomParts, shuffled } from './parts.ts'
import { mean, type Bench, type BenchOptions, type Figure, type Section } from './report.ts'
import { judged, type Raised } from './streams.ts'

const BUDGET = 10_000
const rates = [0.001, 0.005, 0.01, 0.05]

interface Cell {
  readonly attack: string
  readonly params?: unknown
}

interface Setting {
  readonly title: string
  readonly setting: string
  readonly batch: number // records
  readonly cells: readonly Cell[]
  prepare(seed: number, quick: boolean): Promise<{ readonly baseline: Baseline; readonly stream: Records }>
}

const images: Setting = {
  title: 'Poisons admitted before the first alarm: MNIST',
  setting: 'pixel PCA-64, 6,000 trusted, 20,000 streamed in random order in batches of 100',
  batch: 100,
  cells: [
    { attack: 'badnets', params: { to: '0' } },
    { attack: 'random-flip' },
    { attack: 'pair-flip', params: { from: '7', to: '1' } },
    { attack: 'clean-label-patch', params: { to: '0' } },
  ],
  async prepare(seed, quick) {
    const { trusted, stream } = randomParts(await loadMnist(), 6000, quick ? 4000 : 20_000, seed)
    const baseline = await fitted(trusted, { encoder: 'image-pixels', encoderParams: { dims: 64 }, seed })
    return { baseline, stream: shuffled(stream, seed) }
  },
}

const mails: Setting = {
  title: 'Poisons admitted before the first alarm: mail',
  setting: 'distinct mails, 2,400 trusted at random, 3,400 streamed in order of arrival in batches of 50, GloVe',
  batch: 50,
  cells: [
    { attack: 'trigger-word', params: { from: 'spam', to: 'ham', word: 'tq' } },
    { attack: 'pair-flip', params: { from: 'spam', to: 'ham' } },
  ],
  async prepare(seed) {
    const mail = await loadMail()
    const distinct = select(mail.records, distinctMails(mail))
    const { trusted, stream } = randomParts(distinct, 2400, Math.min(3400, sizeOf(distinct) - 2400), seed)
    return { baseline: await fitted(trusted, { encoder: 'text-glove', seed }), stream }
  },
}

/** How far a stream came before its first alarm. */
interface Trial {
  readonly records: number // up to the end of the batch that raised it; all of them where none was raised
  readonly poisons: number // of these
  readonly caught: boolean
  readonly named: string // by which detector; empty where none was
}

function trialOf(poisoned: Uint8Array, alarm: { batch: number; detector: string } | undefined, size: number): Trial {
  const records = alarm === undefined ? poisoned.length : (alarm.batch + 1) * size
  const poisons = poisoned.subarray(0, records).reduce((sum, flag) => sum + flag, 0)
  return { records, poisons, caught: alarm !== undefined, named: alarm?.detector ?? '' }
}

const keyOf = ({ detector, subject }: Raised) => JSON.stringify([detector, subject])

async function section(of: Setting, { seeds, quick, note }: BenchOptions): Promise<Section> {
  const attacks = await loadAttacks()
  const trials = new Map<string, Trial[]>()
  const clean: number[] = [] // alarms on the stream as it is
  for (const seed of seeds) {
    const { baseline, stream } = await of.prepare(seed, quick)
    const run = { size: of.batch, perBatches: BUDGET }
    const without = (await judged(baseline, stream, run)).alarms
    clean.push(without.length)
    const anyway = new Set(without.map(keyOf)) // what is alarmed about without poison is no catch
    for (const { attack, params } of of.cells)
      for (const rate of rates) {
        const { records, poisoned } = poison(attacks.get(attack) as Attack, stream, { seed, rate }, params)
        const first = poisoned.indexOf(1)
        const { alarms } = await judged(baseline, records, run)
        const alarm = alarms.find((each) => (each.batch + 1) * of.batch > first && !anyway.has(keyOf(each)))
        const trial = trialOf(poisoned, alarm, of.batch)
        const name = `${attack} ${rate * 100} %`
        trials.set(name, [...(trials.get(name) ?? []), trial])
        const ended = trial.caught ? `${trial.named} after ${trial.records} records` : 'not caught'
        note(`delay seed ${seed}: ${name}: ${ended}, ${trial.poisons} poisons`)
      }
  }
  const whole = (value: number) => value.toFixed(0)
  const figures: Figure[] = [...trials].flatMap(([name, all]) => [
    { what: `${name}: caught`, values: all.map(({ caught }) => Number(caught)) },
    { what: '  records until the alarm, or all', values: all.map(({ records }) => records), show: whole },
    { what: '  poisons admitted until then', values: all.map(({ poisons }) => poisons), show: whole },
  ])
  const detectors = new Set([...trials.values()].flat().map(({ named }) => named))
  detectors.delete('')
  return {
    title: of.title,
    setting: `${of.setting}; every detector on, budget 1 in ${BUDGET} batches; first alarms were raised by ${[...detectors].join(', ')}; alarms on the same streams without poison: ${mean(clean).toFixed(2)} a stream`,
    figures,
  }
}

export const bench: Bench = {
  about: 'records and poisons that pass before the first alarm, at 0.1 to 5 % of poison',
  async run(options) {
    return [await section(images, options), await section(mails, options)]
  },
}
