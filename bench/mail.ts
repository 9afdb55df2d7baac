import { sizeOf, select } from '../src/core/batch.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { poison, type Attack, type Poisoned } from '../datasets/attack.ts'
import { distinctMails, loadMail } from '../datasets/mail.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { encodedBy, fitted, scoresBy } from './fitted.ts'
import { randomParts } from './parts.ts'
import { ranking, trivial, type Ranking } from './ranking.ts'
import type { Bench, BenchOptions, Figure, Section } from './report.ts'
import { triggerRanking } from './trigger-ranking.ts'

const STREAM = 3500
const ENCODER = 'text-glove'

interface Cell {
  readonly attack: string
  readonly count: number
  readonly params: unknown
  readonly aimed: boolean // at: the trigger detector's figure has a target
}

const flip = { from: 'spam', to: 'ham' }
const cells: readonly Cell[] = [
  { attack: 'trigger-word', count: 35, params: flip, aimed: true },
  { attack: 'trigger-phrase', count: 18, params: flip, aimed: true },
  { attack: 'trigger-word', count: 18, params: flip, aimed: false },
  { attack: 'trigger-phrase', count: 7, params: flip, aimed: false },
  { attack: 'clean-label-word', count: 35, params: { to: 'ham' }, aimed: true },
  { attack: 'pair-flip', count: 35, params: flip, aimed: false },
]

/** The rankings of one attacked stream by what Taster has and by the trivial detectors. */
async function rankings(
  baseline: Baseline,
  { records, poisoned }: Pick<Poisoned, 'records' | 'poisoned'>,
  seed: number,
) {
  const encoded = await encodedBy(baseline, records)
  const { afterwards, reported } = triggerRanking(baseline, encoded)
  return new Map<string, Ranking>([
    ['trigger', ranking(reported, poisoned)],
    ['trigger, counts at the end', ranking(afterwards, poisoned)],
    ['label-disagreement', ranking(scoresBy(baseline, 'label-disagreement', encoded), poisoned)],
    ...[...trivial].map(([name, score]): [string, Ranking] => [name, ranking(score(records, seed), poisoned)]),
  ])
}

function figuresOf(what: string, seen: readonly ReadonlyMap<string, Ranking>[], aimed: boolean): Figure[] {
  return [...(seen[0]?.keys() ?? [])].flatMap((name): Figure[] => {
    if (!aimed && trivial.has(name)) return []
    const values = seen.map((each) => each.get(name) ?? { auroc: NaN, tpr: NaN })
    const target = aimed && name === 'trigger' ? { target: { atLeast: 0.95 } } : {}
    return [
      { what: `${what}: ${name}: TPR at 1 % FPR`, values: values.map(({ tpr }) => tpr), ...target },
      { what: `${what}: ${name}: AUROC`, values: values.map(({ auroc }) => auroc) },
    ]
  })
}

async function mails({ seeds, note }: BenchOptions): Promise<Section> {
  const mail = await loadMail()
  const distinct = select(mail.records, distinctMails(mail))
  const trustedSize = sizeOf(distinct) - STREAM
  const attacks = await loadAttacks()
  const seen = cells.map((): ReadonlyMap<string, Ranking>[] => [])
  for (const seed of seeds) {
    const { trusted, stream } = randomParts(distinct, trustedSize, STREAM, seed)
    const baseline = await fitted(trusted, { encoder: ENCODER, detectors: ['label-disagreement', 'trigger'], seed })
    for (const [i, { attack, count, params }] of cells.entries()) {
      const found = await rankings(
        baseline,
        poison(attacks.get(attack) as Attack, stream, { seed, count }, params),
        seed,
      )
      seen[i]?.push(found)
      const told = ['trigger', 'label-disagreement'].map((name) => `${name} ${found.get(name)?.tpr.toFixed(3)}`)
      note(`mail seed ${seed}: ${attack}, ${count} poisons: TPR ${told.join(', ')}`)
    }
  }
  return {
    title: 'Mail: record ranking on poisoned mail',
    setting: `distinct mails, ${trustedSize} trusted at random (half of them reference), ${STREAM} streamed in order of arrival, ${ENCODER}; trigger: by the strongest evidence reported along the stream in batches of 100`,
    figures: cells.flatMap(({ attack, count, aimed }, i) => figuresOf(`${attack}, ${count}`, seen[i] ?? [], aimed)),
  }
}

export const bench: Bench = {
  about: 'record ranking by trigger and label disagreement on poisoned mail',
  run: async (options) => [await mails(options)],
}
