import { poison, type Attack, type Poisoned } from '../datasets/attack.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import type { Baseline } from '../src/baseline/baseline.ts'
import { select, type Records } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { normal, random } from '../src/stats/random.ts'
import { encodedBy, fitted, scoresBy } from './fitted.ts'
import { randomParts } from './parts.ts'
import { ranking, trivial, type Ranking } from './ranking.ts'
import type { Bench, Figure } from './report.ts'
import { judged } from './streams.ts'

const TRUSTED = 6000
const STREAM = 4000
const NOISE = 0.1 // standard deviation of a sensor, of pixels from 0 to 1
const SIZE = 50 // records a batch, where alarms are counted
const detectors = ['label-disagreement', 'frequency-residual'] as const

interface Cell {
  readonly attack: string
  readonly rate: number // covers included
  readonly params?: unknown
  readonly noise?: boolean
  readonly target?: { readonly detector: (typeof detectors)[number]; readonly tpr: number; readonly auroc?: number }
}

const to = { to: '0' }
const residual = (tpr: number) => ({ detector: 'frequency-residual', tpr }) as const
const cells: readonly Cell[] = [
  { attack: 'badnets', rate: 0.0025, params: to, target: residual(0.95) },
  { attack: 'badnets', rate: 0.01, params: to },
  { attack: 'badnets', rate: 0.05, params: to },
  { attack: 'blend', rate: 0.003, params: to },
  { attack: 'blend', rate: 0.01, params: to },
  { attack: 'sig', rate: 0.02, params: to },
  { attack: 'sig', rate: 0.05, params: to },
  { attack: 'clean-label-patch', rate: 0.0025, params: to, target: residual(0.95) },
  { attack: 'clean-label-patch', rate: 0.01, params: to },
  { attack: 'clean-label-patch', rate: 0.05, params: to },
  { attack: 'adaptive-blend', rate: 0.006, params: to },
  { attack: 'source-specific-patch', rate: 0.006, params: { from: '1', to: '0', covers: ['5', '7'] } },
  { attack: 'warp', rate: 0.15, params: to },
  { attack: 'random-flip', rate: 0.02 },
  { attack: 'random-flip', rate: 0.05 },
  {
    attack: 'pair-flip',
    rate: 0.01,
    params: { from: '7', to: '1' },
    target: { detector: 'label-disagreement', auroc: 0.995, tpr: 0.92 },
  },
  { attack: 'badnets', rate: 0.0025, params: to, noise: true },
  { attack: 'badnets', rate: 0.01, params: to, noise: true, target: residual(0.85) },
  { attack: 'clean-label-patch', rate: 0.0025, params: to, noise: true },
  { attack: 'clean-label-patch', rate: 0.01, params: to, noise: true, target: residual(0.85) },
]

const nameOf = ({ attack, rate, noise }: Cell) => `${attack} ${+(rate * 100).toFixed(2)} %${noise ? ', noise' : ''}`

export const bench: Bench = {
  about: 'record ranking of image triggers and flips, poisoned MNIST, with and without noise',
  async run({ seeds, quick, note }) {
    const mnist = await loadMnist()
    const attacks = await loadAttacks()
    const figures = new Map<string, Figure & { readonly values: number[] }>()
    const add = (what: string, value: number, atLeast?: number) => {
      const figure = figures.get(what) ?? { what, values: [], ...(atLeast !== undefined && { target: { atLeast } }) }
      figure.values.push(value)
      figures.set(what, figure)
    }
    for (const seed of seeds) {
      const parts = randomParts(mnist, TRUSTED, STREAM, seed)
      for (const noise of [false, true]) {
        const uniform = random(seed + 7919)
        const seen = (records: Records) => (noise ? noisy(records, uniform) : records)
        const baseline = await fitted(seen(parts.trusted), {
          encoder: 'image-pixels',
          encoderParams: { dims: 64 },
          detectors: [...detectors],
          seed,
        })
        const stream = seen(parts.stream)
        for (const cell of cells.filter((each) => (each.noise ?? false) === noise)) {
          const poisoned = poison(attacks.get(cell.attack) as Attack, stream, { seed, rate: cell.rate }, cell.params)
          const rankings = await rankingsOf(baseline, poisoned, stream, seed)
          for (const [name, { auroc, tpr }] of rankings) {
            const target = cell.target?.detector === name ? cell.target : undefined
            add(`${nameOf(cell)}: ${name}, AUROC`, auroc, target?.auroc)
            add(`${nameOf(cell)}: ${name}, TPR at 1 % FPR`, tpr, target?.tpr)
          }
          note(
            `images seed ${seed}: ${nameOf(cell)}: ${[...rankings].map(([name, { tpr }]) => `${name} ${tpr.toFixed(2)}`).join(', ')}`,
          )
        }
        if (noise || quick) continue
        const alarmed = await recordsUntilAlarm(
          baseline,
          poison(attacks.get('clean-label-patch') as Attack, stream, { seed, rate: 0.01 }, to),
        )
        add('clean-label-patch 1 %: poisons until frequency-residual raises an alarm, of 40', alarmed)
      }
    }
    const setting = `MNIST, ${TRUSTED} trusted (${TRUSTED / 2} reference), ${STREAM} streamed and judged as one batch; noise: sd ${NOISE} on every image`
    return [{ title: 'MNIST: image triggers and flips', setting, figures: [...figures.values()] }]
  },
}

/** Of each detector and of the trivial ones: covers, which carry the trigger under their true label, count neither way. */
async function rankingsOf(baseline: Baseline, { records, poisoned, origin }: Poisoned, clean: Records, seed: number) {
  const covers = (row: number) => valueAt(records.label, row) === valueAt(clean.label, origin[row] ?? -1)
  const relabels = Array.from(poisoned.keys()).some((row) => poisoned[row] === 1 && !covers(row))
  const counted = Array.from(poisoned.keys()).filter((row) => poisoned[row] !== 1 || !relabels || !covers(row))
  const of = (scores: Float64Array) =>
    ranking(
      Float64Array.from(counted, (row) => scores[row] ?? NaN),
      Uint8Array.from(counted, (row) => poisoned[row] ?? 0),
    )
  const encoded = await encodedBy(baseline, records)
  return new Map<string, Ranking>([
    ...detectors.map((name): [string, Ranking] => [name, of(scoresBy(baseline, name, encoded))]),
    ...[...trivial].map(([name, score]): [string, Ranking] => [name, of(score(records, seed))]),
  ])
}

/** Poisoned records that had passed when the first alarm named the poisoned label; all of them and one more: none did. */
async function recordsUntilAlarm(baseline: Baseline, { records, poisoned, target }: Poisoned): Promise<number> {
  const { alarms } = await judged(baseline, records, { size: SIZE, perBatches: 10_000 })
  const first = alarms.find(
    ({ detector, subject }) =>
      detector === 'frequency-residual' && (subject.kind !== 'label' || subject.name === target.to),
  )
  const count = (rows: Uint8Array) => rows.reduce((sum, flag) => sum + flag, 0)
  return first === undefined ? count(poisoned) + 1 : count(poisoned.subarray(0, (first.batch + 1) * SIZE))
}

function noisy(records: Records, uniform: () => number): Records {
  const copy = select(records, Int32Array.from(records.id.keys()))
  if (copy.content.kind !== 'image') return copy
  const { pixels } = copy.content
  pixels.forEach((pixel, i) => {
    pixels[i] = Math.max(0, Math.min(255, Math.round(pixel + 255 * NOISE * normal(uniform))))
  })
  return copy
}
