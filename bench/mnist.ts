import { poison, type Attack } from '../datasets/attack.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { encodedBy, fitted, scoresBy } from './fitted.ts'
import { randomParts } from './parts.ts'
import { ranking, trivial, type Ranking } from './ranking.ts'
import type { Bench, Figure } from './report.ts'

const TRUSTED = 6000 // half of it, 3,000, becomes the reference that neighbours are looked up among
const STREAM = 4000

interface Cell {
  readonly attack: string
  readonly rate: number
  readonly params?: unknown
  readonly aimed: boolean // at: the figure has a target
}

const cells: readonly Cell[] = [
  { attack: 'badnets', rate: 0.01, params: { to: '0' }, aimed: true },
  { attack: 'blend', rate: 0.01, params: { to: '0' }, aimed: true },
  { attack: 'random-flip', rate: 0.01, aimed: true },
  { attack: 'badnets', rate: 0.0025, params: { to: '0' }, aimed: false },
  { attack: 'pair-flip', rate: 0.01, params: { from: '7', to: '1' }, aimed: false },
  { attack: 'duplicate-wrong-label', rate: 0.01, params: { from: '7', to: '0' }, aimed: false },
  { attack: 'clean-label-patch', rate: 0.01, params: { to: '0' }, aimed: false },
  { attack: 'sig', rate: 0.05, params: { to: '0' }, aimed: false },
]

const label = ({ attack, rate, aimed }: Cell) =>
  `${attack} ${rate * 100} %${!aimed && ['sig', 'clean-label-patch'].includes(attack) ? ' (labels stay true)' : ''}`

export const bench: Bench = {
  about: 'record ranking by label disagreement on poisoned MNIST',
  async run({ seeds, note }) {
    const mnist = await loadMnist()
    const attacks = await loadAttacks()
    const found = new Map(cells.map((cell) => [cell, [] as Ranking[]]))
    const known = new Map([...trivial.keys()].map((name) => [name, [] as Ranking[]]))
    for (const seed of seeds) {
      const { trusted, stream } = randomParts(mnist, TRUSTED, STREAM, seed)
      const baseline = await fitted(trusted, {
        encoder: 'image-pixels',
        encoderParams: { dims: 64 },
        detectors: ['label-disagreement'],
        seed,
      })
      for (const cell of cells) {
        const attack = attacks.get(cell.attack) as Attack
        const { records, poisoned } = poison(attack, stream, { seed, rate: cell.rate }, cell.params)
        const scores = scoresBy(baseline, 'label-disagreement', await encodedBy(baseline, records))
        const at = ranking(scores, poisoned)
        found.get(cell)?.push(at)
        note(`mnist seed ${seed}: ${label(cell)}: AUROC ${at.auroc.toFixed(3)}, TPR ${at.tpr.toFixed(3)}`)
        if (cell !== cells[0]) continue
        for (const [name, score] of trivial) known.get(name)?.push(ranking(score(records, seed), poisoned))
      }
    }
    const figures = (of: Iterable<[string, readonly Ranking[], boolean]>): Figure[] =>
      [...of].flatMap(([what, rankings, aimed]) => [
        {
          what: `${what}: AUROC`,
          values: rankings.map((each) => each.auroc),
          ...(aimed && { target: { atLeast: 0.99 } }),
        },
        {
          what: `${what}: TPR at 1 % FPR`,
          values: rankings.map((each) => each.tpr),
          ...(aimed && { target: { atLeast: 0.92 } }),
        },
      ])
    const setting = `MNIST, pixel PCA-64, ${TRUSTED} trusted (${TRUSTED / 2} reference), ${STREAM} streamed, drawn at random by seed`
    return [
      {
        title: 'MNIST: label-disagreement',
        setting,
        figures: figures([...found].map(([cell, rankings]) => [label(cell), rankings, cell.aimed])),
      },
      {
        title: 'MNIST: trivial detectors on badnets 1 %',
        setting,
        figures: figures([...known].map(([name, rankings]) => [name, rankings, false])),
      },
    ]
  },
}
