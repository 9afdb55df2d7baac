import { sizeOf } from '../../src/core/batch.ts'
import { rowsByValue } from '../../src/core/column.ts'
import type { Encoded } from '../../src/core/encoded.ts'
import { placesOf } from '../../src/core/source-mix.ts'
import { selectRows } from '../../src/core/matrix.ts'
import { quantile } from '../../src/stats/quantile.ts'
import { permutation, random } from '../../src/stats/random.ts'
import { anchorOf, type Anchor, type Scores } from './anchor.ts'
import { eachScores, fitAxes, type Axes } from './scores.ts'

export interface Fitted {
  readonly axes: Axes
  readonly horizon: number // records
  readonly thresholds: Float64Array // of the novelty: its tails begin there
  readonly anchors: readonly Anchor[] // the stream first; none: nothing of the trusted records varies
}

/** Reference records of the stream, or of a source, that is followed. */
export const fewestRows = 200
const mostSources = 200
const tails = [0.05, 0.01] as const

export function learn(reference: Encoded, wanted: number, horizon: number, seed: number): Fitted {
  const { records, vectors } = reference
  const rows = sizeOf(records)
  const axes = fitAxes(vectors, wanted, seed)
  const count = axes.deviations.length
  if (count === 0) return { axes, horizon, thresholds: new Float64Array(tails.length), anchors: [] }
  const novelty = noveltyOfOthers(reference, wanted, seed)
  const sorted = novelty.toSorted()
  const thresholds = Float64Array.from(tails, (tail) => quantile(sorted, 1 - tail))
  const scores = new Float64Array(rows * count)
  eachScores(axes, vectors, (row, values) => scores.set(values, row * count))
  const inTail = new Uint8Array(rows * tails.length)
  novelty.forEach((value, row) =>
    thresholds.forEach((threshold, t) => (inTail[row * tails.length + t] = value > threshold ? 1 : 0)),
  )
  const scored: Scores = { axes: count, scores, tails: tails.length, inTail }
  const all = Int32Array.from({ length: rows }, (_, row) => row)
  const origins = { at: records.at, place: records.source.codes.map(placesOf(records.source)) }
  const sources = rowsByValue(records.source)
    .filter(([, own]) => own.length >= fewestRows)
    .slice(0, mostSources)
  return {
    axes,
    horizon,
    thresholds,
    anchors: [
      anchorOf(null, scored, all, origins),
      ...sources.map(([name, own]) => anchorOf(name, scored, Int32Array.from(own), origins)),
    ],
  }
}

/** The novelty of each record by axes that were fitted to the other half: those fitted to itself would flatter it. */
function noveltyOfOthers({ vectors }: Encoded, wanted: number, seed: number): Float64Array {
  const novelty = new Float64Array(vectors.rows)
  const order = permutation(vectors.rows, random(seed))
  const half = order.length >> 1
  for (const [own, others] of [
    [order.subarray(0, half), order.subarray(half)],
    [order.subarray(half), order.subarray(0, half)],
  ] as const) {
    const axes = fitAxes(selectRows(vectors, others), wanted, seed)
    eachScores(axes, selectRows(vectors, own), (i, _, value) => (novelty[own[i] ?? 0] = value))
  }
  return novelty
}
