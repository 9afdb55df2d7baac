import type { Encoded } from '../../src/core/encoded.ts'
import type { Explanation, Subject } from '../../src/core/measurement.ts'
import { valueAt } from '../../src/core/column.ts'
import { printable } from '../../src/core/printable.ts'
import type { Anchor } from './anchor.ts'
import type { Faded } from './bets.ts'
import { columnAlong } from './column-along.ts'
import { eachScores } from './scores.ts'
import type { Fitted } from './trusted.ts'

const mostSuspects = 20

/** What has drifted over the records remembered: an axis, or the share of records unlike any trusted one. */
export function explain(subject: Subject, batch: Encoded, fitted: Fitted, remembered: readonly Faded[]): Explanation {
  const wanted = subject.kind === 'source' ? subject.name : subject.kind === 'stream' ? null : undefined
  const place = fitted.anchors.findIndex(({ name }) => name === wanted)
  const [anchor, totals] = [fitted.anchors[place], remembered[place]]
  if (anchor === undefined || totals === undefined || totals.count === 0) {
    return { summary: 'nothing has been seen of what this is about.', suspects: [], facts: {} }
  }
  const { axis, direction, moved, errors } = farthestAxis(anchor, totals)
  const tail = farthestTail(anchor, totals)
  const byTail = tail.errors > errors
  const rows: { row: number; score: number }[] = []
  const along = new Float64Array(batch.label.length)
  if (batch.vectors.cols === fitted.axes.mean.length) {
    eachScores(fitted.axes, batch.vectors, (row, scores, novelty) => {
      along[row] = scores[axis] ?? 0
      if (wanted !== null && valueAt(batch.records.source, row) !== wanted) return
      rows.push({ row, score: byTail ? novelty : direction * (scores[axis] ?? 0) })
    })
  }
  const suspects = rows.toSorted((a, b) => b.score - a.score || a.row - b.row).slice(0, mostSuspects)
  const whose = wanted === null ? 'the stream' : `source ${JSON.stringify(printable(wanted ?? '', 80))}`
  const column = byTail ? null : columnAlong(batch, along)
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return {
    summary: byTail
      ? `little by little more records of ${whose} are unlike trusted ones: ${percent(tail.share)} of the last ${Math.round(totals.count)} are as far out as at most ${percent(tail.bound)} should be.`
      : `the content of ${whose} has drifted little by little: its mean over the last ${Math.round(totals.count)} records lies ${Math.abs(moved).toFixed(2)} standard deviations from the trusted one${
          column === null ? '' : `, along ${JSON.stringify(printable(column.name, 80))} most of all`
        }.`,
    suspects: suspects.map(({ row }) => row),
    facts: {
      records: totals.count,
      axis,
      shift: moved,
      allowed: anchor.margins[axis] ?? 0,
      tailShare: tail.share,
      tailBound: tail.bound,
      ...(column === null ? {} : { column: column.name, columnCorrelation: column.correlation }),
      suspectScores: suspects.map(({ score }) => score),
    },
  }
}

/** The axis whose mean lies farthest beyond its margin, in standard errors. */
function farthestAxis({ means, margins, variances, effects }: Anchor, { count, sums }: Faded) {
  let worst = { axis: 0, direction: 1, moved: 0, errors: -Infinity }
  means.forEach((mean, axis) => {
    const moved = (sums[axis] ?? 0) / count - mean
    const errors =
      (Math.abs(moved) - (margins[axis] ?? 0)) / Math.sqrt(((variances[axis] ?? 1) * (effects[axis] ?? 1)) / count || 1)
    if (errors > worst.errors) worst = { axis, direction: moved < 0 ? -1 : 1, moved, errors }
  })
  return worst
}

function farthestTail({ tails, effects }: Anchor, { count, inTail }: Faded) {
  let worst = { share: 0, bound: 1, errors: -Infinity }
  tails.forEach((bound, t) => {
    const share = (inTail[t] ?? 0) / count
    const errors =
      (share - bound) /
      Math.sqrt((bound * (1 - bound) * (effects[effects.length - tails.length + t] ?? 1)) / count || 1)
    if (errors > worst.errors) worst = { share, bound, errors }
  })
  return worst
}
