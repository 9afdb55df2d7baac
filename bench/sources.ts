import type { Baseline } from '../src/baseline/baseline.ts'
import type { Records } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { permutation, random } from '../src/stats/random.ts'
import { poison, type Dose } from '../datasets/attack.ts'
import { loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { loadDetectors } from '../src/baseline/registry.ts'
import { onRequest } from '../src/baseline/chosen.ts'
import { fitted } from './fitted.ts'
import { slice, type Parts } from './parts.ts'
import { type Bench, type BenchOptions, type Figure, type Section } from './report.ts'
import { mnistParts, shiftedPopulation } from './source-streams.ts'
import { judged, subjectText, type Raised } from './streams.ts'

const BATCH = 50
const BUDGET = 10_000
const MAIL_TRUSTED = 2400
const MNIST_TRUSTED = 6000
const MNIST_STREAM = 6000
const PROTECTED = 20

/** A stream with poison, and which alarm counts. */
interface Cell {
  readonly what: string
  readonly attack: string
  readonly dose: Omit<Dose, 'seed'> & ({ readonly rate: number } | { readonly count: number })
  readonly params: object
  readonly detector: string
  /** Whether the alarm names what it should. */
  readonly names: (alarm: Raised) => boolean
}

const anything = () => true
const kindOf = ({ finding }: Raised) => finding.explanation.facts['kind']
const inserted = (params: object) => ({ detector: 'duplicate-flood', names: anything, params })
const noisy = { originals: 1 }
const points = { originals: 10, words: 0, noise: 0 }
const flood = { sources: 1, words: 0, noise: 0 }

const floods: readonly Cell[] = [
  ...[0.0025, 0.01, 0.05].map((rate) => ({
    what: `D1 noisy copies under a wrong label, ${100 * rate} %`,
    attack: 'duplicate-wrong-label',
    dose: { rate },
    ...inserted(noisy),
  })),
  ...[0.0025, 0.01, 0.05].map((rate) => ({
    what: `D2 exact copies from one source, ${100 * rate} %`,
    attack: 'near-duplicate-flood',
    dose: { rate },
    ...inserted(flood),
  })),
  {
    what: 'P1 3 % copies of ten points',
    attack: 'duplicate-wrong-label',
    dose: { rate: 0.03 },
    ...inserted(points),
  },
]

const surges = (to: string, from: string | null): Cell[] =>
  [0.01, 0.02, 0.05].map((rate) => ({
    what: `label surge: ${100 * rate} % of all become "${to}"`,
    attack: 'pair-flip',
    dose: { rate },
    params: { to, from },
    detector: 'label-prior',
    names: (alarm) => alarm.subject.kind === 'label' && alarm.subject.name === to && kindOf(alarm) === 'label attack',
  }))

/** As many foreign records as `times` the source's own, all along the stream. */
function impersonations(stream: Records): Cell[] {
  const victims = ['list:fork.xent.com', 'list:ilug.linux.ie', 'dom:hotmail.com']
  return victims.flatMap((source) =>
    [0.5, 1, 2].map((times): Cell => {
      const own = stream.source.codes.filter((code) => stream.source.values[code] === source).length
      return {
        what: `impersonation of ${source}, ${times} foreign records to one of its own`,
        attack: 'impersonation',
        dose: { count: Math.round(times * own) },
        params: { source },
        detector: 'source-fingerprint',
        names: ({ subject }) => subject.kind === 'source' && subject.name === source,
      }
    }),
  )
}

interface Outcome {
  readonly caught: boolean
  readonly any: boolean // some detector alarmed
  readonly records: number // of the stream, until caught
  readonly poisons: number // until caught
}

async function tried(baseline: Baseline, stream: Records, cell: Cell, seed: number, note: BenchOptions['note']) {
  const attack = (await loadAttacks()).get(cell.attack)
  if (attack === undefined) throw new Error(`no attack is called ${cell.attack}`)
  const { records, poisoned } = poison(attack, stream, { seed, ...cell.dose }, cell.params)
  const { alarms } = await judged(baseline, records, { size: BATCH, perBatches: BUDGET })
  const [hit] = alarms.filter((alarm) => alarm.detector === cell.detector && cell.names(alarm))
  const until = hit === undefined ? records.id.length : (hit.batch + 1) * BATCH
  const poisons = poisoned.subarray(0, until).reduce((sum, flag) => sum + flag, 0)
  const told = alarms.map((each) => `${each.detector}: ${subjectText(each.subject)} in batch ${each.batch}`)
  note(
    `sources seed ${seed}: ${cell.what}: ${hit === undefined ? 'missed' : `after ${until} records, ${poisons} poisons`}; ${told.join('; ')}`,
  )
  return { caught: hit !== undefined, any: alarms.length > 0, records: until, poisons }
}

function figuresOf({ what, detector }: Cell, outcomes: readonly Outcome[]): Figure[] {
  const caught = outcomes.filter((each) => each.caught)
  const whole = (value: number) => value.toFixed(0)
  return [
    { what: `${what}: found by ${detector}`, values: outcomes.map((each) => (each.caught ? 1 : 0)) },
    { what: '… by any detector', values: outcomes.map((each) => (each.any ? 1 : 0)) },
    ...(caught.length === 0
      ? []
      : [
          { what: '… records until found, where it was', values: caught.map(({ records }) => records), show: whole },
          { what: '… poisons until then', values: caught.map(({ poisons }) => poisons), show: whole },
        ]),
  ]
}

async function along(
  { seeds, note }: BenchOptions,
  parts: (seed: number) => Parts,
  fit: (trusted: Records, seed: number) => Promise<Baseline>,
  cells: (of: Parts, seed: number) => readonly Cell[],
): Promise<Figure[]> {
  const seen = new Map<string, { readonly cell: Cell; readonly outcomes: Outcome[] }>()
  for (const seed of seeds) {
    const of = parts(seed)
    const baseline = await fit(of.trusted, seed)
    for (const cell of cells(of, seed)) {
      const outcome = await tried(baseline, of.stream, cell, seed, note)
      const before = seen.get(cell.what)
      if (before === undefined) seen.set(cell.what, { cell, outcomes: [outcome] })
      else before.outcomes.push(outcome)
    }
  }
  return [...seen.values()].flatMap(({ cell, outcomes }) => figuresOf(cell, outcomes))
}

async function mails(options: BenchOptions): Promise<Section> {
  const { records } = await loadMail()
  const of = { trusted: slice(records, 0, MAIL_TRUSTED), stream: slice(records, MAIL_TRUSTED, records.id.length) }
  const cells = [...surges('ham', 'spam'), ...impersonations(of.stream), ...floods]
  return {
    title: 'Mail: label surges, borrowed names, floods',
    setting: `all mails in true order, the first ${MAIL_TRUSTED} trusted, text-glove, batches of ${BATCH}, every detector on, budget 1 in ${BUDGET} batches; the seed moves the split of the trusted and the poison`,
    figures: await along(
      options,
      () => of,
      (trusted, seed) => fitted(trusted, { encoder: 'text-glove', seed }),
      () => cells,
    ),
  }
}

async function digits(options: BenchOptions): Promise<Section[]> {
  const mnist = await loadMnist()
  const registry = await loadDetectors()
  const usual = [...registry].filter(([, detector]) => !onRequest(detector)).map(([name]) => [name, {}] as const)
  const protectedIds = (trusted: Records, seed: number) =>
    Array.from(permutation(trusted.id.length, random(seed)).subarray(0, PROTECTED), (row) => trusted.id[row] ?? '')
  const fit = (trusted: Records, seed: number) =>
    fitted(trusted, {
      encoder: 'image-pixels',
      encoderParams: { dims: 64 },
      detectors: new Map<string, unknown>([...usual, ['protected-inputs', { ids: protectedIds(trusted, seed) }]]),
      seed,
    })
  const parts = (seed: number) => mnistParts(mnist, seed, MNIST_TRUSTED, MNIST_STREAM)
  const collisions = ({ trusted }: Parts, seed: number) => {
    const target = trusted.id.indexOf(protectedIds(trusted, seed)[0] ?? '')
    if (trusted.content.kind !== 'image') throw new Error('digits are images')
    const content = [...trusted.content.pixels.subarray(target * 784, (target + 1) * 784)]
    return [5, 10, 20].map((count): Cell => ({
      what: `feature collision with one of ${PROTECTED} protected digits, ${count} poisons`,
      attack: 'feature-collision',
      dose: { count },
      params: { content, label: valueAt(trusted.label, target) ?? null },
      detector: 'protected-inputs',
      names: ({ finding }) => finding.explanation.summary.includes(JSON.stringify(trusted.id[target])),
    }))
  }
  const figures = await along(options, parts, fit, (of, seed) => [
    ...surges('3', null),
    ...collisions(of, seed),
    ...floods,
  ])

  const told: Raised[][] = []
  for (const seed of options.seeds) {
    const { trusted, stream } = parts(seed)
    const shifted = shiftedPopulation(stream, '3', 0.3, random(seed))
    const { alarms } = await judged(await fit(trusted, seed), shifted, { size: BATCH, perBatches: BUDGET })
    told.push(alarms.filter(({ detector }) => detector === 'label-prior'))
    options.note(
      `sources seed ${seed}: population shift: ${alarms.map(({ detector, batch, finding }) => `${detector} in batch ${batch}: ${finding.explanation.summary}`).join('; ')}`,
    )
  }
  const share = (kind: string) => told.map((alarms) => alarms.filter((alarm) => kindOf(alarm) === kind).length)
  const setting = `${MNIST_TRUSTED} trusted and ${MNIST_STREAM} streamed digits at random, 50 sources, image-pixels PCA-64, batches of ${BATCH}, every detector on, budget 1 in ${BUDGET} batches`
  return [
    { title: 'MNIST: label surges, feature collisions, floods', setting, figures },
    {
      title: 'MNIST: an honest shift of the population',
      setting: `${setting}; of all digits but 3, 70 % stay away`,
      figures: [
        { what: 'label-prior: alarms that call it a population shift', values: share('population shift') },
        {
          what: 'label-prior: alarms that call it a label attack',
          values: share('label attack'),
          target: { atMost: 0 },
        },
        { what: 'label-prior: alarms that leave it open', values: share('undecided') },
      ],
    },
  ]
}

export const bench: Bench = {
  about: 'label surges, borrowed names, protected inputs, floods of copies: power and delay',
  async run(options) {
    return [await mails(options), ...(await digits(options))]
  },
}
