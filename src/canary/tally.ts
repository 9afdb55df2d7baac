import { clopperPearson } from '../stats/clopper-pearson.ts'
import { quantile } from '../stats/quantile.ts'
import type { Trial } from './trial.ts'

/** A share with its exact 95 % interval. */
export interface Share {
  readonly value: number | null // null: of nothing
  readonly lower: number
  readonly upper: number
}

/** Over trials, the missed ones counted as never caught: null where that is what the quantile falls on. */
export interface Delay {
  readonly median: number | null
  readonly most: number | null // in 90 % of trials
}

export interface Recall {
  readonly trials: number
  readonly caught: number
  readonly recall: Share
  readonly anyway: number // trials in which there was an alarm without poisons, too
}

export interface AttackResult extends Recall {
  readonly attack: string
  readonly admitted: Delay // poisons before the batch that named them
  readonly records: Delay
  readonly batches: Delay
  readonly detectors: readonly { readonly detector: string; readonly trials: number }[] // that named it
  readonly alwaysFire: { readonly records: Delay } // of a detector that holds back all: it admits no poison, and nothing else
}

export function recallOf(trials: number, caught: number, anyway: number): Recall {
  const { lower, upper } = clopperPearson(caught, trials)
  return { trials, caught, recall: { value: trials === 0 ? null : caught / trials, lower, upper }, anyway }
}

/** Counts as they run, for those that don't need every trial. */
export function openCounts() {
  const counts = new Map<string, { trials: number; caught: number; anyway: number }>()
  const of = (name: string) => {
    const { trials, caught, anyway } = counts.get(name) ?? { trials: 0, caught: 0, anyway: 0 }
    return recallOf(trials, caught, anyway)
  }
  return {
    add({ attack, caught, anyway }: Trial): Recall {
      const before = counts.get(attack) ?? { trials: 0, caught: 0, anyway: 0 }
      counts.set(attack, {
        trials: before.trials + 1,
        caught: before.caught + Number(caught),
        anyway: before.anyway + Number(anyway),
      })
      return of(attack)
    },
  }
}

/** What trials amount to: by attack, in the order given. */
export function resultsOf(attacks: readonly string[], trials: readonly Trial[]): AttackResult[] {
  return attacks.map((attack) =>
    resultOf(
      attack,
      trials.filter((trial) => trial.attack === attack),
    ),
  )
}

/** What trials amount to, whatever they tried. */
export function resultOf(attack: string, trials: readonly Trial[]): AttackResult {
  const caught = trials.filter((trial) => trial.caught)
  const names = new Map<string, number>()
  for (const { detectors } of caught)
    for (const detector of detectors) names.set(detector, (names.get(detector) ?? 0) + 1)
  const unlessMissed = (of: (trial: Trial) => number) =>
    delayOf(trials.map((trial) => (trial.caught ? of(trial) : Infinity)))
  return {
    attack,
    ...recallOf(trials.length, caught.length, trials.filter(({ anyway }) => anyway).length),
    admitted: unlessMissed(({ admitted }) => admitted),
    records: unlessMissed(({ records }) => records),
    batches: unlessMissed(({ batches }) => batches),
    detectors: [...names]
      .map(([detector, count]) => ({ detector, trials: count }))
      .toSorted((a, b) => b.trials - a.trials || (a.detector < b.detector ? -1 : 1)),
    alwaysFire: { records: delayOf(trials.map(({ alwaysFire }) => alwaysFire.records)) },
  }
}

function delayOf(values: readonly number[]): Delay {
  if (values.length === 0) return { median: null, most: null }
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number) => {
    const value = quantile(sorted, q)
    return Number.isFinite(value) ? value : null
  }
  return { median: at(0.5), most: at(0.9) }
}
