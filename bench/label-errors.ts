import { poison, type Attack } from '../datasets/attack.ts'
import { loadLabelErrors, type LabelErrors } from '../datasets/label-errors.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { loadAttacks } from '../datasets/registry.ts'
import { loadSst2 } from '../datasets/sst2.ts'
import { scoreOf } from '../detectors/label-disagreement/score.ts'
import { encodedBy, fitted, scoresBy } from './fitted.ts'
import { joined, randomParts } from './parts.ts'
import { ranking, trivial } from './ranking.ts'
import type { Bench, Figure, Section } from './report.ts'

const TRUSTED = 6000

export const bench: Bench = {
  about: 'label errors that people confirmed, MNIST, and flips on film reviews, where the data are there',
  async run({ seeds, note }) {
    const sections: Section[] = []
    const errors = await loadLabelErrors()
    if (errors !== undefined) sections.push(await confirmed(errors, seeds))
    note('label-errors: MNIST done')
    const reviews = await flippedReviews(seeds)
    return [...sections, ...(reviews === undefined ? [] : [reviews])]
  },
}

/** By the probabilities that come with the data, as cleanlab ranks them, and by a baseline of other digits. */
async function confirmed(errors: LabelErrors, seeds: readonly number[]): Promise<Section> {
  const own: number[] = []
  const train = await loadMnist()
  const test = await loadMnist('t10k')
  for (const seed of seeds) {
    const { trusted } = randomParts(train, TRUSTED, 0, seed)
    const baseline = await fitted(trusted, {
      encoder: 'image-pixels',
      encoderParams: { dims: 64 },
      detectors: ['label-disagreement'],
      seed,
    })
    own.push(averagePrecision(scoresBy(baseline, 'label-disagreement', await encodedBy(baseline, test)), errors.wrong))
  }
  return {
    title: 'MNIST: label errors that people confirmed',
    setting: '10,000 test digits, 15 of which fewer than 3 of 5 raters would have labelled so; average precision',
    figures: [
      {
        what: 'label-disagreement on the published probabilities',
        values: [averagePrecision(scoresOf(errors), errors.wrong)],
        target: { atLeast: 0.503 }, // cleanlab 2, self-confidence, the same probabilities
      },
      { what: `label-disagreement, pixel PCA-64, ${TRUSTED} other digits trusted`, values: own },
    ],
  }
}

function scoresOf({ given, probabilities }: LabelErrors): Float64Array {
  const { rows } = probabilities
  const encoded = {
    probabilities,
    vectors: { rows, cols: 0, data: new Float32Array() },
  }
  return Float64Array.from(given, (label, row) => scoreOf(encoded, row, label, { gaussians: null, probe: null }))
}

/** The mean, over positive records, of the share of positives among those scored no lower; ties count together. */
function averagePrecision(scores: Float64Array, positive: Uint8Array): number {
  const order = Array.from(scores.keys()).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const total = positive.reduce((sum, flag) => sum + flag, 0)
  let [found, sum, before] = [0, 0, 0]
  order.forEach((row, i) => {
    found += positive[row] ?? 0
    if (scores[row] === scores[order[i + 1] ?? -1]) return
    sum += ((found - before) * found) / (i + 1)
    before = found
  })
  return sum / total
}

async function flippedReviews(seeds: readonly number[]): Promise<Section | undefined> {
  const [train, dev, test] = [
    await loadSst2('clean.sst-2.train'),
    await loadSst2('clean.sst-2.dev'),
    await loadSst2('clean.sst-2.test'),
  ]
  if (train === undefined || dev === undefined || test === undefined) return undefined
  const attacks = await loadAttacks()
  const figures = new Map<string, Figure & { readonly values: number[] }>()
  const trusted = joined(dev.records, test.records)
  for (const seed of seeds) {
    const baseline = await fitted(trusted, { encoder: 'text-glove', detectors: ['label-disagreement'], seed })
    for (const [attack, rate, params] of [
      ['random-flip', 0.1, {}],
      ['pair-flip', 0.01, { from: '0', to: '1' }],
    ] as const) {
      const { records, poisoned } = poison(attacks.get(attack) as Attack, train.records, { seed, rate }, params)
      const all = new Map([
        ['label-disagreement', scoresBy(baseline, 'label-disagreement', await encodedBy(baseline, records))],
        ...[...trivial].map(([name, score]): [string, Float64Array] => [name, score(records, seed)]),
      ])
      for (const [name, scores] of all) {
        const what = `${attack} ${rate * 100} %: ${name}, AUROC`
        const figure = figures.get(what) ?? { what, values: [] }
        figure.values.push(ranking(scores, poisoned).auroc)
        figures.set(what, figure)
      }
    }
  }
  return {
    title: 'Film reviews: flipped labels',
    setting:
      'SST-2, mean GloVe, 2,693 trusted (half of them reference), 6,920 streamed; pair-flip: 0 → 1, 2 % of label 0',
    figures: [...figures.values()],
  }
}
