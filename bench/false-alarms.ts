import { select, type Records } from '../src/core/batch.ts'
import { clopperPearson } from '../src/stats/clopper-pearson.ts'
import { permutation, random } from '../src/stats/random.ts'
import { loadBirdstrikes } from '../datasets/birdstrikes.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { withSources } from '../datasets/sources.ts'
import { fitted, type FitChoice } from './fitted.ts'
import { randomParts, slice } from './parts.ts'
import type { Bench, Figure, Section } from './report.ts'
import { judged, subjectText } from './streams.ts'

const SIZE = 50 // records a batch
const BUDGETS = [10_000, 1000]
const DAY = 24 * 60 * 60 * 1000

interface Stream {
  readonly name: string
  readonly setting: string
  readonly choice: Omit<FitChoice, 'seed'>
  readonly once: boolean // the same whatever the seed
  readonly drifts: boolean // known to change for honest reasons: shown, and not counted against the budget
  /** Trusted records and a clean stream after them. */
  parts(seed: number): { readonly trusted: Records; readonly stream: Records }
}

/** Rows in blocks of one day each; the days are shuffled, what belongs to a day stays together and in order. */
function shuffledDays(records: Records, seed: number): Records {
  const days = new Map<number, number[]>()
  records.at.forEach((at, row) => {
    const day = Math.floor(at / DAY)
    const rows = days.get(day)
    if (rows === undefined) days.set(day, [row])
    else rows.push(row)
  })
  const blocks = [...days.values()]
  return select(
    records,
    [...permutation(blocks.length, random(seed))].flatMap((block) => blocks[block] ?? []),
  )
}

async function streams(quick: boolean): Promise<Stream[]> {
  const mail = await loadMail()
  const all = mail.records
  const distinct = select(all, distinctMails(mail))
  const mnist = await loadMnist()
  const birdstrikes = await loadBirdstrikes()
  const early = (records: Records, trusted: number) => ({
    trusted: slice(records, 0, trusted),
    stream: slice(records, trusted, records.id.length),
  })
  const text = { encoder: 'text-glove' }
  return [
    {
      name: 'mail, true order',
      setting: 'all 6,046 mails, duplicates included, the first 2,400 trusted',
      choice: text,
      once: true,
      drifts: false,
      parts: () => early(all, 2400),
    },
    {
      name: 'mail, days shuffled',
      setting: 'distinct mails, days in random order, the first 2,400 trusted',
      choice: text,
      once: false,
      drifts: false,
      parts: (seed) => early(shuffledDays(distinct, seed), 2400),
    },
    {
      name: 'MNIST',
      setting: '6,000 trusted at random, the rest streams, 50 sources',
      choice: { encoder: 'image-pixels', encoderParams: { dims: 64 } },
      once: false,
      drifts: false,
      parts(seed) {
        const uniform = random(seed)
        const { trusted, stream } = randomParts(mnist, 6000, quick ? 10_000 : 54_000, seed)
        const order = permutation(stream.id.length, uniform)
        return { trusted: withSources(trusted, 50, uniform), stream: withSources(select(stream, order), 50, uniform) }
      },
    },
    {
      name: 'birdstrikes, true order',
      setting: '10,000 reports over twelve years, the first 4,000 trusted: honest drift, not part of the total',
      choice: { encoder: 'row-columns' },
      once: true,
      drifts: true,
      parts: () => early(birdstrikes, 4000),
    },
    {
      name: 'birdstrikes, shuffled',
      setting: '4,000 trusted at random, the rest streams in random order',
      choice: { encoder: 'row-columns' },
      once: false,
      drifts: false,
      parts: (seed) => early(select(birdstrikes, permutation(birdstrikes.id.length, random(seed))), 4000),
    },
  ]
}

export const bench: Bench = {
  about: 'alarms on clean streams against the budget',
  async run({ seeds, quick, note }) {
    const sections: Section[] = []
    const totals = BUDGETS.map((budget) => ({ budget, batches: 0, alarms: 0 }))
    const figures: Figure[] = []
    for (const stream of await streams(quick)) {
      const counts = totals.map(() => ({ batches: 0, alarms: 0 }))
      for (const seed of stream.once ? seeds.slice(0, 1) : seeds) {
        const { trusted, stream: records } = stream.parts(seed)
        const baseline = await fitted(trusted, { ...stream.choice, seed })
        for (const [i, total] of totals.entries()) {
          const { batches, alarms, failed } = await judged(baseline, records, { size: SIZE, perBatches: total.budget })
          const named = alarms.map((each) => `${each.detector}: ${subjectText(each.subject)} in batch ${each.batch}`)
          const failure = failed > 0 ? `, ${failed} batches FAILED` : ''
          note(
            `false-alarms ${stream.name} seed ${seed}, 1 in ${total.budget}: ${alarms.length} alarms in ${batches} batches${failure}${named.map((line) => `\n    ${line}`).join('')}`,
          )
          const count = counts[i] ?? { batches: 0, alarms: 0 }
          count.batches += batches
          count.alarms += alarms.length
          if (stream.drifts) continue
          total.batches += batches
          total.alarms += alarms.length
        }
      }
      counts.forEach(({ batches, alarms }, i) => {
        const { lower, upper } = clopperPearson(alarms, batches)
        figures.push({
          what: `${stream.name}, 1 in ${BUDGETS[i]}: ${alarms} alarms in ${batches} batches, 95 % up to ${upper.toExponential(1)}, from`,
          values: [lower],
          show: (value) => value.toExponential(1),
        })
      })
    }
    for (const { budget, batches, alarms } of totals) {
      const { lower, upper } = clopperPearson(alarms, batches)
      figures.push({
        what: `ALL, 1 in ${budget}: ${alarms} alarms in ${batches} batches, 95 % up to ${upper.toExponential(1)}, from`,
        values: [lower],
        target: { atMost: 1 / budget },
        show: (value) => value.toExponential(1),
      })
    }
    sections.push({
      title: 'False alarms on clean streams',
      setting: `batches of ${SIZE}, every detector on; rates are alarms a batch with their exact 95 % interval; "always fire" has rate 1; ${(await streams(quick)).map(({ name, setting }) => `${name}: ${setting}`).join('; ')}`,
      figures,
    })
    return sections
  },
}
