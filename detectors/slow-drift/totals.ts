import type { Encoded } from '../../src/core/encoded.ts'
import { placesOf, sourcePlaces } from '../../src/core/source-mix.ts'
import type { Faded, Totals } from './bets.ts'
import { eachScores } from './scores.ts'
import type { Fitted } from './trusted.ts'

/** Totals by anchor, in their order. */
export function totalsFor({ anchors }: Fitted): Totals[] {
  return anchors.map(({ means, tails }) => ({
    count: 0,
    sums: new Float64Array(means.length),
    inTail: new Float64Array(tails.length),
    mix: new Float64Array(sourcePlaces),
  }))
}

/** What the records of a batch add up to, for the stream and for each source that is followed. */
export function totalsOf(batch: Encoded, fitted: Fitted): Totals[] {
  const totals = totalsFor(fitted)
  const { axes, thresholds, anchors } = fitted
  const places = new Map(anchors.map(({ name }, i) => [name, i]))
  const bySource = batch.records.source.values.map((name) => totals[places.get(name) ?? -1])
  const place = placesOf(batch.records.source)
  const add = (to: Totals, from: number, scores: Float64Array, novelty: number) => {
    to.count++
    to.mix[from] = (to.mix[from] ?? 0) + 1
    for (let k = 0; k < scores.length; k++) to.sums[k] = (to.sums[k] ?? 0) + (scores[k] ?? 0)
    for (let t = 0; t < thresholds.length; t++) {
      if (novelty > (thresholds[t] ?? Infinity)) to.inTail[t] = (to.inTail[t] ?? 0) + 1
    }
  }
  const [stream] = totals
  eachScores(axes, batch.vectors, (row, scores, novelty) => {
    const code = batch.records.source.codes[row] ?? -1
    const from = place(code)
    if (stream !== undefined) add(stream, from, scores, novelty)
    const source = bySource[code]
    if (source !== undefined) add(source, from, scores, novelty)
  })
  return totals
}

/** Totals that fade: `to` loses a share for the records that come, and gains these. */
export function fade(to: Faded, arrived: Totals, horizon: number): void {
  const kept = Math.exp(-arrived.count / horizon)
  to.count = to.count * kept + arrived.count
  for (let k = 0; k < to.sums.length; k++) to.sums[k] = (to.sums[k] ?? 0) * kept + (arrived.sums[k] ?? 0)
  for (let t = 0; t < to.inTail.length; t++) to.inTail[t] = (to.inTail[t] ?? 0) * kept + (arrived.inTail[t] ?? 0)
}
