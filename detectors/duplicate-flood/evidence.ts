import { clopperPearsonUpper } from '../../src/stats/clopper-pearson-upper.ts'
import { logSumExp } from '../../src/stats/log-sum-exp.ts'
import { gaps, observe, emptyWindow, type Window } from './window.ts'

/**
 * By gap: upper bound of the probability that a template that came twice or more, with pauses no longer than the gap,
 * comes once again within the gap. 1: not tested.
 */
export type Bounds = Float64Array

/** Shares of what a chain has won that it stakes on one more copy. */
const stakes = [0.25, 0.5, 0.75, 0.9] as const
const fewestTrials = 20
const ages = 4 // copies so far: 2–3, 4–7, 8–15, 16 and more

const ageOf = (copies: number) => Math.min(Math.floor(Math.log2(copies)), ages) - 1

/**
 * Learns the bounds from trusted records, given in the order they came. Templates that came often come again more
 * surely than others, so that the bound is the largest over classes of how often they came, of those with enough cases;
 * with too few in all it is what is `assumed`.
 */
export function learnBounds(sketches: Iterable<Uint32Array>, alike: number, assumed: number, delta: number): Bounds {
  const window = emptyWindow()
  const again = gaps.map(() => new Float64Array(ages))
  const trials = gaps.map(() => new Float64Array(ages))
  const add = (counts: Float64Array[], gap: number, copies: number, n: number) => {
    const of = counts[gap]
    if (of !== undefined && copies >= 2) of[ageOf(copies)] = (of[ageOf(copies)] ?? 0) + n
  }
  for (const sketch of sketches) {
    observe(window, sketch, alike, (gap, before) => {
      add(again, gap, before, 1)
      add(trials, gap, before + 1, 1)
    })
  }
  // whether the last copy is followed by one more is not known where the records end before the gap does
  for (let template = 0; template < window.used; template++) {
    gaps.forEach((length, gap) => {
      const open = window.seen - 1 - (window.last[template] ?? 0) < length
      if (open) add(trials, gap, window.chain[template * gaps.length + gap] ?? 0, -1)
    })
  }
  return Float64Array.from(gaps, (length, gap) => {
    if (gap > 0 && length > window.seen) return 1
    const [k, n] = [again[gap] ?? [], trials[gap] ?? []]
    const sum = (of: ArrayLike<number>) => Array.from(of).reduce((total, each) => total + each, 0)
    if (sum(n) < fewestTrials) return assumed
    const classes = Array.from(n, (of, age) =>
      of < fewestTrials ? 0 : clopperPearsonUpper(Math.min(k[age] ?? 0, of), of, delta),
    )
    return Math.max(clopperPearsonUpper(Math.min(sum(k), sum(n)), sum(n), delta), ...classes)
  })
}

/**
 * Log evidence that a template is repeated on purpose, after the chain's second copy and `copies` in all. A chain pays
 * for the next copy in advance (a share of what it has) and wins the bet back with interest when the copy comes; a copy
 * that does not come costs nothing more, so that no waiting is needed to know what the evidence is at least.
 *
 * Every chain begins with 1 over the number of chains that begin in the same batch. So the expectation of the sum over
 * all chains grows by at most 1 a batch on clean data: a Shiryaev-Roberts e-detector, whose run length to an alarm at A
 * is at least A batches (J. Shin, A. Ramdas & A. Rinaldo, E-detectors, New England J. Statist. Data Sci. 2, 2023).
 */
export function logLevel(window: Window, templates: Iterable<number>, bounds: Bounds): number {
  const tested = bounds.reduce((count, bound) => count + (bound < 1 ? 1 : 0), 0)
  const terms: number[] = []
  for (const template of templates) {
    bounds.forEach((bound, gap) => {
      const copies = window.chain[template * gaps.length + gap] ?? 0
      if (bound >= 1 || copies < 2) return
      const share = Math.log(Math.max(1, window.rivals[template * gaps.length + gap] ?? 1) * tested * stakes.length)
      for (const stake of stakes) {
        terms.push((copies - 2) * Math.log1p((stake / bound) * (1 - bound)) + Math.log1p(-stake) - share)
      }
    })
  }
  return terms.length === 0 ? -Infinity : logSumExp(terms)
}
