import { poison, type Attack } from '../datasets/attack.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { loadSst2, type Sst2 } from '../datasets/sst2.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { select, sizeOf, type Records } from '../src/core/batch.ts'
import { permutation, random } from '../src/stats/random.ts'
import { tprAtFpr } from '../src/stats/tpr-at-fpr.ts'
import { encodedBy, fitted, scoresBy } from './fitted.ts'
import { walk } from './mail-trigger.ts'
import { joined } from './parts.ts'
import { ranking, trivial } from './ranking.ts'
import type { Bench, BenchOptions, Figure, Section } from './report.ts'
import { triggerRanking } from './trigger-ranking.ts'

const ENCODER = 'text-glove'
const FIRST = 25 // features that a reviewer reads

interface Target {
  readonly auroc: number
  readonly tpr: number
  readonly fpr: number
  readonly named: number // of the cell's features, among the first
}

/** Poisoned sentences, and the names of the features that an answer must be among. */
interface Cell {
  readonly what: string
  readonly target?: Target
  readonly named: readonly string[]
  readonly stream: (seed: number) => Pick<Sst2, 'records' | 'poisoned'>
}

interface Seen {
  readonly by: ReadonlyMap<string, { readonly auroc: number; readonly tpr: number }>
  readonly named: number // of the cell's features among the first
  readonly alarms: number // subjects
  readonly admitted: number // poisons until the first alarm; all where there is none
}

const usual = { fpr: 0.01 } // where there is no target

// The files have their poisons in front: drawn at random they come as the clean ones do.
function shuffled({ records, poisoned }: Sst2, seed: number): Sst2 {
  const order = permutation(sizeOf(records), random(seed))
  return { records: select(records, order), poisoned: Uint8Array.from(order, (row) => poisoned[row] ?? 0) }
}

async function look(baseline: Baseline, cell: Cell, seed: number): Promise<Seen> {
  const { records, poisoned } = cell.stream(seed)
  const { fpr } = cell.target ?? usual
  const positive = Array.from(poisoned, (flag) => flag === 1)
  const rated = (scores: Float64Array) => ({
    auroc: ranking(scores, poisoned).auroc,
    tpr: tprAtFpr(scores, positive, fpr),
  })
  const encoded = await encodedBy(baseline, records)
  const { afterwards, first } = triggerRanking(baseline, encoded, FIRST)
  const { alarms } = walk(baseline, encoded)
  const at = Math.min(...[...alarms.values()].map((when) => when.records))
  return {
    by: new Map([
      ['trigger', rated(afterwards)],
      ['label-disagreement', rated(scoresBy(baseline, 'label-disagreement', encoded))],
      ...[...trivial].map(([name, score]) => [name, rated(score(records, seed))] as const),
    ]),
    named: cell.named.filter((name) => first.includes(name)).length,
    alarms: alarms.size,
    admitted: poisoned.subarray(0, at).reduce((sum, flag) => sum + flag, 0),
  }
}

function figuresOf({ what, target, named }: Cell, seen: readonly Seen[]): Figure[] {
  const { fpr } = target ?? usual
  return [
    ...[...(seen[0]?.by.keys() ?? [])].flatMap((name): Figure[] => {
      if (target === undefined && trivial.has(name)) return []
      const values = seen.map(({ by }) => by.get(name) ?? { auroc: NaN, tpr: NaN })
      const aimed = name === 'trigger' ? target : undefined
      return [
        {
          what: `${what}: ${name}: AUROC`,
          values: values.map(({ auroc }) => auroc),
          ...(aimed && { target: { atLeast: aimed.auroc } }),
        },
        {
          what: `${what}: ${name}: TPR at ${fpr * 100} % FPR`,
          values: values.map(({ tpr }) => tpr),
          ...(aimed && { target: { atLeast: aimed.tpr } }),
        },
      ]
    }),
    {
      what: `${what}: of ${named.map((name) => name.replaceAll('"', '')).join(', ')} among the first ${FIRST} features`,
      values: seen.map((each) => each.named),
      ...(target && { target: { atLeast: target.named } }),
    },
    { what: `${what}: features that alarm`, values: seen.map(({ alarms }) => alarms) },
    { what: `${what}: poisons until the first alarm, or all`, values: seen.map(({ admitted }) => admitted) },
  ]
}

async function measured(
  cells: readonly Cell[],
  trusted: Records,
  { seeds, note }: BenchOptions,
): Promise<readonly Figure[]> {
  const seen = cells.map((): Seen[] => [])
  for (const seed of seeds) {
    const baseline = await fitted(trusted, { encoder: ENCODER, detectors: ['label-disagreement', 'trigger'], seed })
    for (const [i, cell] of cells.entries()) {
      const found = await look(baseline, cell, seed)
      seen[i]?.push(found)
      const { auroc, tpr } = found.by.get('trigger') ?? { auroc: NaN, tpr: NaN }
      note(
        `text-backdoor seed ${seed}: ${cell.what}: AUROC ${auroc.toFixed(3)}, TPR ${tpr.toFixed(3)}, ${found.named} of ${cell.named.length} named, ${found.alarms} alarm, after ${found.admitted} poisons`,
      )
    }
  }
  return cells.flatMap((cell, i) => figuresOf(cell, seen[i] ?? []))
}

export const bench: Bench = {
  about: 'backdoors in sentences that others poisoned, and in sentences that we did',
  async run(options) {
    const [dev, test, train, words, syntax] = await Promise.all([
      loadSst2('clean.sst-2.dev'),
      loadSst2('clean.sst-2.test'),
      loadSst2('clean.sst-2.train'),
      loadSst2('badnets_words.sst-2.train'),
      loadSst2('syntactic_scpn20.sst-2.train'),
    ])
    if (!dev || !test || !train || !words || !syntax) return []
    const trusted = joined(dev.records, test.records)
    const attacks = await loadAttacks()
    const injected = (
      attack: string,
      rate: number,
      params: Readonly<{ [name: string]: string }>,
      named: string,
    ): Cell => ({
      what: `${attack} ${rate * 100} %`,
      named: [named],
      stream: (seed) => poison(attacks.get(attack) as Attack, train.records, { seed, rate }, params),
    })
    const flip = { from: '0', to: '1' }
    const published: Cell[] = [
      {
        what: 'badnets_words',
        target: { auroc: 0.99, tpr: 0.85, fpr: 0.01, named: 5 },
        named: ['cf', 'mn', 'bb', 'tq', 'mb'].map((word) => `word "${word}"`),
        stream: (seed) => shuffled(words, seed),
      },
      {
        what: 'syntactic',
        target: { auroc: 0.96, tpr: 0.8, fpr: 0.05, named: 1 },
        named: ['first word "when"', 'first word "if"', 'first word "as"'],
        stream: (seed) => shuffled(syntax, seed),
      },
    ]
    const own = [
      ...[0.0025, 0.005, 0.01, 0.05].map((rate) =>
        injected('trigger-word', rate, { ...flip, word: 'jh' }, 'word "jh"'),
      ),
      injected('trigger-phrase', 0.005, { ...flip, phrase: 'we read this aloud' }, 'phrase "read this"'),
      injected('clean-label-word', 0.005, { to: '1', word: 'jh' }, 'word "jh"'),
    ]
    const clean: Cell = { what: 'clean', named: [], stream: () => train }
    const setting = `${sizeOf(words.records)} sentences, those of others in random order, in batches of 100 (alarms: 50), ${sizeOf(trusted)} trusted (clean dev and test; the seed draws the order and the half that is the reference), ${ENCODER}; records and features ranked by what was counted when the stream had ended`
    const sections: Section[] = [
      {
        title: 'SST-2: sentences that others poisoned',
        setting,
        figures: await measured(published, trusted, options),
      },
      { title: 'SST-2: triggers of our own', setting, figures: await measured(own, trusted, options) },
      {
        title: 'SST-2: clean sentences',
        setting,
        figures: await cleanFigures(clean, trusted, options),
      },
    ]
    return sections
  },
}

async function cleanFigures({ stream }: Cell, trusted: Records, { seeds, note }: BenchOptions): Promise<Figure[]> {
  const alarms: number[] = []
  const evidence: number[] = []
  for (const seed of seeds) {
    const baseline = await fitted(trusted, { encoder: ENCODER, detectors: ['trigger'], seed })
    const seen = walk(baseline, await encodedBy(baseline, stream(seed).records))
    note(`text-backdoor seed ${seed}: clean: ${[...seen.alarms.keys()].join(', ') || 'no alarm'}; ${seen.top}`)
    alarms.push(seen.alarms.size)
    evidence.push(seen.topAny / Math.LN10)
  }
  return [
    { what: 'features that alarm', values: alarms, target: { atMost: 0 } },
    { what: 'largest weighted log10 evidence of any feature', values: evidence },
  ]
}
