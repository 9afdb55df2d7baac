import { valueAt } from '../core/column.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement, Subject } from '../core/measurement.ts'
import type { Calibration } from '../baseline/baseline.ts'
import { statisticPValue, tailBounds, type TailBound } from '../baseline/pvalues.ts'
import { exceedanceLogE } from '../stats/exceedance-log-e.ts'
import { logPToE } from '../stats/log-p-to-e.ts'

/** What one batch says about one subject: log e-values, one a bet. */
export interface Increment {
  readonly subject: Subject
  readonly logE: Float64Array
  readonly records: number
  readonly p?: number // where the e-values were made of one
}

const tails = [0.05, 0.01] as const
const bets = [0.25, 0.5, 1, 2, 4, 8, 16] as const

/** Per trusted label the bounds of its calibration tails; null where the label is not tested. */
export type Tails = readonly (readonly TailBound[] | null)[]

export function tailsOf(calibration: Calibration): Tails {
  return calibration.scores.map((sorted, label) =>
    sorted.length === 0 ? null : tails.map((tail) => tailBounds(calibration, label, tail)),
  )
}

/**
 * Record scores become evidence by how many of them exceed a calibration quantile of their label (exceedance e-process
 * with the Clopper-Pearson bound), for the stream and for each source, over two tails and a mixture of bets.
 */
export function exceedanceIncrements(encoded: Encoded, scores: Float64Array, bounds: Tails): Increment[] {
  const increments: Increment[] = []
  const labels = Math.max(1, bounds.length)
  // counts: subject → label → [records, over the 95 % quantile, over the 99 % quantile]
  const counts = new Map<string | null, Float64Array>()
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? NaN
    const label = encoded.labels.length === 0 ? 0 : (encoded.label[row] ?? -1)
    const bound = bounds[label]
    if (Number.isNaN(score) || bound == null) continue
    const source = valueAt(encoded.records.source, row)
    for (const subject of source === undefined ? [null] : [null, source]) {
      let count = counts.get(subject)
      if (count === undefined) counts.set(subject, (count = new Float64Array(labels * 3)))
      count[label * 3] = (count[label * 3] ?? 0) + 1
      tails.forEach((_, t) => {
        if (score > (bound[t]?.threshold ?? Infinity)) {
          const at = label * 3 + 1 + t
          count[at] = (count[at] ?? 0) + 1
        }
      })
    }
  }
  for (const [subject, count] of counts) {
    const logE = new Float64Array(tails.length * bets.length)
    let records = 0
    for (let label = 0; label < labels; label++) {
      const seen = count[label * 3] ?? 0
      if (seen === 0) continue
      records += seen
      tails.forEach((_, t) => {
        const grown = exceedanceLogE(count[label * 3 + 1 + t] ?? 0, seen, bounds[label]?.[t]?.bound ?? 1, bets)
        grown.forEach((e, bet) => (logE[t * bets.length + bet] = (logE[t * bets.length + bet] ?? 0) + e))
      })
    }
    increments.push({
      subject: subject === null ? { kind: 'stream' } : { kind: 'source', name: subject },
      logE,
      records,
    })
  }
  return increments
}

/** A statistic's p-value from its bootstrap null, turned into an e-value; null where there is no null at its size. */
export function statisticIncrement(
  measurement: Measurement & { kind: 'statistic' },
  calibration: Calibration,
): Increment | null {
  const p = statisticPValue(calibration, measurement)
  if (p === null) return null
  return { subject: measurement.subject, logE: Float64Array.of(logPToE(p)), records: measurement.records, p }
}
