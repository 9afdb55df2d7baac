import { select, type Records } from '../src/core/batch.ts'
import { valueAt } from '../src/core/column.ts'
import { permutation, random } from '../src/stats/random.ts'
import { loadBirdstrikes } from '../datasets/birdstrikes.ts'
import { loadElec2 } from '../datasets/elec2.ts'
import { loadMail } from '../datasets/mail.ts'
import { loadMnist } from '../datasets/mnist.ts'
import { withSources } from '../datasets/sources.ts'
import type { FitChoice } from './fitted.ts'
import { randomParts, slice, type Parts } from './parts.ts'

export interface Clean {
  readonly name: string
  readonly choice: Pick<FitChoice, 'encoder' | 'encoderParams'>
  readonly once: boolean // the same whatever the seed
  parts(seed: number): Parts
}

const BLOCK = 48 // records that stay together: a day of elec2

/** Records in blocks of equal length that are shuffled; inside a block the order stays. */
function shuffledBlocks(records: Records, seed: number): Records {
  const blocks = Math.floor(records.id.length / BLOCK)
  const rows = [...permutation(blocks, random(seed))].flatMap((block) =>
    Array.from({ length: BLOCK }, (_, i) => block * BLOCK + i),
  )
  return select(records, rows)
}

/** Records of some digits are thinned: the same digits, in other shares. */
export function shiftedPopulation(records: Records, label: string, kept: number, uniform: () => number): Records {
  return select(
    records,
    Array.from(records.id.keys()).filter((row) => valueAt(records.label, row) === label || uniform() < kept),
  )
}

/** Digits at random, as if 50 sources had sent them. */
export function mnistParts(mnist: Records, seed: number, trusted: number, stream: number): Parts {
  const uniform = random(seed)
  const parts = randomParts(mnist, trusted, stream, seed)
  return {
    trusted: withSources(parts.trusted, 50, uniform),
    stream: withSources(select(parts.stream, permutation(stream, uniform)), 50, uniform),
  }
}

export async function cleanStreams(quick: boolean): Promise<Clean[]> {
  const early = (records: Records, trusted: number): Parts => ({
    trusted: slice(records, 0, trusted),
    stream: slice(records, trusted, records.id.length),
  })
  const mail = (await loadMail()).records
  const birdstrikes = await loadBirdstrikes()
  const elec2 = await loadElec2()
  const mnist = await loadMnist()
  return [
    { name: 'mail, true order', choice: { encoder: 'text-glove' }, once: true, parts: () => early(mail, 2400) },
    {
      name: 'MNIST, 50 sources',
      choice: { encoder: 'image-pixels', encoderParams: { dims: 64 } },
      once: false,
      parts: (seed) => mnistParts(mnist, seed, 6000, quick ? 10_000 : 54_000),
    },
    {
      name: 'birdstrikes, shuffled',
      choice: { encoder: 'row-columns' },
      once: false,
      parts: (seed) => early(select(birdstrikes, permutation(birdstrikes.id.length, random(seed))), 4000),
    },
    ...(elec2 === undefined
      ? []
      : [
          {
            name: 'elec2, days shuffled',
            choice: { encoder: 'row-columns' },
            once: false,
            parts: (seed: number) => early(shuffledBlocks(elec2, seed), 4800),
          },
          {
            name: 'elec2, true order',
            choice: { encoder: 'row-columns' },
            once: true,
            parts: () => early(elec2, 4800),
          },
        ]),
  ]
}
