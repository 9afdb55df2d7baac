import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { exceedanceLogE } from '../../src/stats/exceedance-log-e.ts'
import { emptyWindow, gaps, observe } from './window.ts'

/** A record that was seen before within so many records counts as a copy here: an index in `gaps`. */
export const copyGap = 1
/** Of the detector's budget, what chains of copies have: with the fifth that the engine gives labels, not more than all. */
export const chainShare = 0.75

const bets = [0.25, 0.5, 1, 2, 4, 8, 16] as const
const stretches = 4
/** Reference records are every other trusted one, so that a record met its copy among them half as often. */
const thinning = 2
/** Where more of the records than this may be honest copies, copies say nothing about intent. */
const useless = 0.5

/** By label: upper bound of the share of its records that are honest copies of recent ones; 1: not tested. */
export type LabelBounds = Float64Array

/**
 * Learns the bounds from trusted records in the order they came: of the whole time, or of the stretch of it where copies
 * were most frequent, whichever is higher.
 */
export function learnLabelBounds(
  sketches: Iterable<Uint32Array>,
  label: ArrayLike<number>,
  labels: number,
  alike: number,
  delta: number,
): LabelBounds {
  const window = emptyWindow()
  const copies = Array.from({ length: stretches }, () => new Float64Array(labels))
  const records = Array.from({ length: stretches }, () => new Float64Array(labels))
  let at = 0
  for (const sketch of sketches) {
    let isCopy = false
    observe(window, sketch, alike, (gap) => (isCopy ||= gap === copyGap))
    const stretch = Math.min(stretches - 1, Math.floor((at * stretches) / label.length))
    const of = label[at++] ?? -1
    const [n, k] = [records[stretch], copies[stretch]]
    if (of < 0 || n === undefined || k === undefined) continue
    n[of] = (n[of] ?? 0) + 1
    if (isCopy) k[of] = (k[of] ?? 0) + 1
  }
  return Float64Array.from({ length: labels }, (_, of) => {
    const sum = (counts: readonly Float64Array[]) => counts.reduce((total, count) => total + (count[of] ?? 0), 0)
    const [k, n] = [sum(copies), sum(records)]
    if (n === 0 || k >= n || (gaps[copyGap] ?? 0) > window.seen) return 1
    const shares = records.map((count, i) => ((count[of] ?? 0) === 0 ? 0 : (copies[i]?.[of] ?? 0) / (count[of] ?? 1)))
    const bound = thinning * Math.max(clopperPearsonUpper(k, n, delta), ...shares)
    return bound > useless ? 1 : bound
  })
}

/** Log e-values, one a bet, that `copies` of `records` of a label are more than honest ones have; null: not tested. */
export function logEOfCopies(copies: number, records: number, bound: number): Float64Array | null {
  return bound >= 1 ? null : exceedanceLogE(copies, records, bound, bets)
}
