import { poison, type Attack } from '../../datasets/attack.ts'
import { loadMnist } from '../../datasets/mnist.ts'
import { loadAttacks } from '../../datasets/registry.ts'
import { loadSst2, type Sst2 } from '../../datasets/sst2.ts'
import type { Baseline } from '../../src/baseline/baseline.ts'
import { select, type Records } from '../../src/core/batch.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { encodedBy, fitted } from '../fitted.ts'
import { joined, randomParts } from '../parts.ts'
import { triggerRanking } from '../trigger-ranking.ts'

/** One stream, poisoned, and how Taster's detectors rank its records. */
export interface Poisoned {
  readonly attack: string
  readonly trusted: Encoded // all of what is trusted, for the peers; Taster keeps half of it as its reference
  readonly stream: Encoded
  readonly poisoned: Uint8Array
  readonly ours: ReadonlyMap<string, Float64Array>
}

/** Streams of one data set, for one seed. */
export interface RankingTask {
  readonly title: string
  readonly setting: string
  /** Undefined where the data is not on this machine. */
  poisoned(seed: number): AsyncGenerator<Poisoned> | undefined | Promise<AsyncGenerator<Poisoned> | undefined>
}

const recordScorers = ['label-disagreement', 'embedding-outlier', 'frequency-residual']

/** Every detector of a baseline that ranks records, each with its ranking. */
function oursOn(baseline: Baseline, encoded: Encoded): Map<string, Float64Array> {
  const ours = new Map<string, Float64Array>()
  for (const { name, detector, fitted: state } of baseline.detectors) {
    if (name === 'trigger') ours.set(name, triggerRanking(baseline, encoded).afterwards)
    if (!recordScorers.includes(name)) continue
    const { measurements } = detector.measure(encoded, state, detector.memory.empty())
    const scored = measurements.find(({ kind }) => kind === 'scores')
    if (scored?.kind === 'scores') ours.set(name, scored.scores)
  }
  return ours
}

async function* over(
  baseline: Baseline,
  trusted: Records,
  streams: AsyncIterable<{ attack: string; records: Records; poisoned: Uint8Array }>,
): AsyncGenerator<Poisoned> {
  const trustedEncoded = await encodedBy(baseline, trusted)
  for await (const { attack, records, poisoned } of streams) {
    const stream = await encodedBy(baseline, records)
    yield { attack, trusted: trustedEncoded, stream, poisoned, ours: oursOn(baseline, stream) }
  }
}

type Cell = readonly [attack: string, rate: number, params?: unknown]

const images: readonly Cell[] = [
  ['badnets', 0.0025, { to: '0' }],
  ['badnets', 0.01, { to: '0' }],
  ['blend', 0.01, { to: '0' }],
  ['random-flip', 0.01],
  ['pair-flip', 0.01, { from: '7', to: '1' }],
  ['duplicate-wrong-label', 0.01, { from: '7', to: '0' }],
  ['clean-label-patch', 0.01, { to: '0' }],
  ['sig', 0.05, { to: '0' }],
]

async function* poisonedBy(cells: readonly Cell[], stream: Records, seed: number) {
  const attacks = await loadAttacks()
  for (const [name, rate, params] of cells) {
    const { records, poisoned } = poison(attacks.get(name) as Attack, stream, { seed, rate }, params)
    yield { attack: `${name} ${rate * 100} %`, records, poisoned }
  }
}

const mnist: RankingTask = {
  title: 'MNIST',
  setting: 'pixel PCA-64, 6,000 trusted, 4,000 streamed, drawn at random by seed',
  async poisoned(seed) {
    const { trusted, stream } = randomParts(await loadMnist(), 6000, 4000, seed)
    const baseline = await fitted(trusted, { encoder: 'image-pixels', encoderParams: { dims: 64 }, seed })
    return over(baseline, trusted, poisonedBy(images, stream, seed))
  },
}

function shuffledWith({ records, poisoned }: Sst2, seed: number): Sst2 {
  const order = permutation(poisoned.length, random(seed))
  return { records: select(records, order), poisoned: Uint8Array.from(order, (row) => poisoned[row] ?? 0) }
}

async function cleanSentences(): Promise<Records | undefined> {
  const [dev, test] = [await loadSst2('clean.sst-2.dev'), await loadSst2('clean.sst-2.test')]
  return dev === undefined || test === undefined ? undefined : joined(dev.records, test.records)
}

const flips: RankingTask = {
  title: 'SST-2, labels flipped',
  setting: 'mean of GloVe, 2,693 trusted (clean dev and test), 6,920 streamed',
  async poisoned(seed) {
    const [trusted, train] = [await cleanSentences(), await loadSst2('clean.sst-2.train')]
    if (trusted === undefined || train === undefined) return undefined
    const baseline = await fitted(trusted, { encoder: 'text-glove', seed })
    const cells: readonly Cell[] = [
      ['random-flip', 0.1],
      ['random-flip', 0.2],
      ['pair-flip', 0.02, { from: '0', to: '1' }],
      ['pair-flip', 0.1, { from: '0', to: '1' }],
    ]
    return over(baseline, trusted, poisonedBy(cells, train.records, seed))
  },
}

const triggers: RankingTask = {
  title: 'SST-2, published backdoors',
  setting:
    'mean of GloVe, 2,693 trusted (clean dev and test), 6,920 streamed in random order, since their authors put all poisons first',
  async poisoned(seed) {
    const [trusted, words, syntax] = [
      await cleanSentences(),
      await loadSst2('badnets_words.sst-2.train'),
      await loadSst2('syntactic_scpn20.sst-2.train'),
    ]
    if (trusted === undefined || words === undefined || syntax === undefined) return undefined
    async function* files(badnets: typeof words, syntactic: typeof syntax) {
      if (badnets !== undefined) yield { attack: 'badnets words', ...shuffledWith(badnets, seed) }
      if (syntactic !== undefined) yield { attack: 'syntactic template', ...shuffledWith(syntactic, seed) }
    }
    return over(await fitted(trusted, { encoder: 'text-glove', seed }), trusted, files(words, syntax))
  },
}

export const rankingTasks: ReadonlyMap<string, RankingTask> = new Map([
  ['mnist', mnist],
  ['sst2-flips', flips],
  ['sst2-backdoors', triggers],
])
