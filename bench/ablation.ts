import { poison, type Attack } from '../datasets/attack.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { withSources } from '../datasets/sources.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { select, sizeOf, type Records } from '../src/core/batch.ts'
import { random } from '../src/stats/random.ts'
import { fitted } from './fitted.ts'
import { randomParts, shuffled } from './parts.ts'
import type { Bench, BenchOptions, Section } from './report.ts'
import { judged } from './streams.ts'

const BUDGET = 10_000

interface Cell {
  readonly attack: string
  readonly rate: number
  readonly params?: unknown
}

interface Stream {
  readonly title: string
  readonly batch: number
  readonly cells: readonly Cell[]
  prepare(seed: number): Promise<{ readonly baseline: Baseline; readonly stream: Records }>
}

const images: Stream = {
  title: 'MNIST of 20 sources, 6,000 trusted, 6,000 streamed in random order in batches of 100',
  batch: 100,
  cells: [
    { attack: 'badnets', rate: 0.01, params: { to: '0' } },
    { attack: 'blend', rate: 0.01, params: { to: '0' } },
    { attack: 'random-flip', rate: 0.02 },
    { attack: 'pair-flip', rate: 0.01, params: { from: '7', to: '1' } },
    { attack: 'source-flip', rate: 0.4, params: { from: '7', to: '1' } },
    { attack: 'clean-label-patch', rate: 0.01, params: { to: '0' } },
    { attack: 'duplicate-wrong-label', rate: 0.01, params: { from: '7', to: '0' } },
    { attack: 'near-duplicate-flood', rate: 0.02 },
    { attack: 'sig', rate: 0.05, params: { to: '0' } },
  ],
  async prepare(seed) {
    const { trusted, stream } = randomParts(await loadMnist(), 6000, 6000, seed)
    const uniform = random(seed)
    const baseline = await fitted(withSources(trusted, 20, uniform), {
      encoder: 'image-pixels',
      encoderParams: { dims: 64 },
      seed,
    })
    return { baseline, stream: withSources(shuffled(stream, seed), 20, uniform) }
  },
}

const mails: Stream = {
  title: 'mail, 2,400 trusted at random, 3,400 streamed in order of arrival in batches of 50',
  batch: 50,
  cells: [
    { attack: 'trigger-word', rate: 0.01, params: { from: 'spam', to: 'ham', word: 'tq' } },
    { attack: 'trigger-phrase', rate: 0.01, params: { from: 'spam', to: 'ham' } },
    { attack: 'random-flip', rate: 0.05 },
    { attack: 'source-flip', rate: 0.4, params: { from: 'ham', to: 'spam' } },
    { attack: 'duplicate-wrong-label', rate: 0.05, params: { from: 'spam', to: 'ham' } },
    { attack: 'near-duplicate-flood', rate: 0.03 },
    { attack: 'impersonation', rate: 0.1 },
  ],
  async prepare(seed) {
    const mail = await loadMail()
    const distinct = select(mail.records, distinctMails(mail))
    const { trusted, stream } = randomParts(distinct, 2400, Math.min(3400, sizeOf(distinct) - 2400), seed)
    return { baseline: await fitted(trusted, { encoder: 'text-glove', seed }), stream }
  },
}

/** Records until the first alarm of a stream after its first poison; null: none. */
async function delayOf(baseline: Baseline, records: Records, first: number, size: number): Promise<number | null> {
  const { alarms } = await judged(baseline, records, { size, perBatches: BUDGET })
  const alarm = alarms.find(({ batch }) => (batch + 1) * size > first)
  return alarm === undefined ? null : (alarm.batch + 1) * size - first
}

/** What becomes of each attack when one detector after the other is off; the budget is shared out among the others. */
async function section(of: Stream, { seeds, note }: BenchOptions): Promise<Section> {
  const attacks = await loadAttacks()
  const lost = new Map<string, number[]>() // detector → per seed: attacks that nobody else catches
  const later = new Map<string, number[]>() // detector → per seed: mean records more until caught attacks are
  const named = new Map<string, Set<string>>() // detector → attacks it was needed for
  const caught: number[] = []
  const none = new Set<string>() // attacks that nothing caught
  for (const [i, seed] of seeds.entries()) {
    const { baseline, stream } = await of.prepare(seed)
    let found = 0
    for (const { attack, rate, params } of of.cells) {
      const { records, poisoned } = poison(attacks.get(attack) as Attack, stream, { seed, rate }, params)
      const first = Math.max(0, poisoned.indexOf(1))
      const whole = await delayOf(baseline, records, first, of.batch)
      note(`ablation seed ${seed}: ${attack}: ${whole === null ? 'not caught' : `after ${whole} records`}`)
      if (whole === null) {
        none.add(attack)
        continue
      }
      found++
      for (const { name } of baseline.detectors) {
        const detectors = baseline.detectors.filter((each) => each.name !== name)
        const without = await delayOf({ ...baseline, detectors }, records, first, of.batch)
        const add = (to: Map<string, number[]>, amount: number) => {
          const all = to.get(name) ?? seeds.map(() => 0)
          to.set(name, all)
          all[i] = (all[i] ?? 0) + amount
        }
        add(lost, without === null ? 1 : 0)
        add(later, without === null ? 0 : without - whole)
        if (without === null || without > whole + of.batch)
          named.set(name, (named.get(name) ?? new Set<string>()).add(attack))
      }
    }
    caught.push(found)
  }
  const detectors = [...lost.keys()]
  return {
    title: `Without one detector: ${of.title}`,
    setting: `${of.cells.map(({ attack, rate }) => `${attack} ${rate * 100} %`).join(', ')}; budget 1 in ${BUDGET} batches; of the ${of.cells.length} attacks, what is caught by all together, then what nobody else catches, and by how many records the others are later, summed over attacks${none.size > 0 ? `; not caught with every detector on some seed: ${[...none].join(', ')}` : ''}`,
    figures: [
      { what: 'attacks caught with every detector', values: caught, show: (value) => value.toFixed(1) },
      ...detectors.flatMap((name) => [
        {
          what: `without ${name}: attacks lost${named.has(name) ? ` (needed for ${[...(named.get(name) ?? [])].join(', ')})` : ''}`,
          values: lost.get(name) ?? [],
          show: (value: number) => value.toFixed(1),
        },
        { what: '  records later', values: later.get(name) ?? [], show: (value: number) => value.toFixed(0) },
      ]),
    ],
  }
}

export const bench: Bench = {
  about: 'what is lost, and later, when one detector is off',
  async run(options) {
    return [await section(images, options), await section(mails, options)]
  },
}
