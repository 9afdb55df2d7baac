import type { Baseline, FittedDetector } from '../baseline/baseline.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement, Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import type { BatchTest, Insufficient } from '../core/verdict.ts'
import { detectorShares, logRunLength, subjectShares, type Arrivals, type Budget } from './budget.ts'
import { logMeanExp } from '../stats/log-mean-exp.ts'
import { capped, grow, ledger, levelOf, type Evidence, type LedgerState } from './evidence.ts'
import { exceedanceIncrements, statisticIncrement, tailsOf, type Increment } from './increments.ts'

/** Evidence about a subject that crossed the budget. */
export interface Alarm {
  readonly detector: string
  readonly subject: Subject
  readonly logE: number // weighted by detector and subject
  readonly onset: Position | null // null: this very batch
  readonly records: number
  readonly raised: boolean // in this batch
}

export interface Weighed {
  readonly threshold: number
  readonly alarms: readonly Alarm[] // raised now, or lasting and fed by this batch; most evidence first
  readonly cleared: readonly { readonly detector: string; readonly subject: Subject }[]
  readonly insufficient: readonly Insufficient[]
  readonly tests?: readonly BatchTest[] // of this batch by itself, where they were asked for
}

interface Weight {
  readonly detector: string
  readonly evidence: Evidence
  readonly share: number // log
  readonly contribution: number // log: evidence × share
  readonly fed: boolean // this batch speaks against the subject too
  readonly p: number | null // of this batch by itself: 1/e is a p-value (Markov); null where evidence is not kept by batch
}

/** All that weighing learns along a stream. */
export interface WeigherState {
  readonly ledger: LedgerState
  readonly arrivals: Arrivals
}

// An alarm lasts until its evidence has fallen back to this level: clean records clear it.
const clearedAt = Math.log(2)

/**
 * Turns what detectors measured into evidence over time, and evidence into alarms at the user's budget. With a state it
 * goes on as the weigher that the state was taken from would have.
 */
export function openWeigher(baseline: Baseline, budget: Budget, before?: WeigherState) {
  const threshold = logRunLength(budget)
  const shareOf = detectorShares(
    baseline.detectors.map(({ name, detector }) => ({ name, family: detector.about.family })),
  )
  const shares = subjectShares(baseline.sources, baseline.encoding.labels, before?.arrivals)
  const tails = new Map(baseline.detectors.map(({ name, calibration }) => [name, tailsOf(calibration)]))
  const entries = ledger(undefined, before?.ledger)

  const weight = (name: string, increment: Increment, at: Position): Weight => {
    const share = Math.log((shareOf.get(name) ?? 0) * shares.of(increment.subject))
    const evidence = grow(
      entries.get(name, increment.subject),
      increment.subject,
      increment.logE,
      increment.records,
      at,
    )
    const grown = logMeanExp(increment.logE)
    return {
      detector: name,
      evidence,
      share,
      contribution: levelOf(evidence) + share,
      fed: grown > 0,
      p: increment.p ?? Math.min(1, Math.exp(-grown)),
    }
  }

  /** A detector's own running evidence already carries the subject's share. */
  const level = (name: string, measurement: Measurement & { kind: 'level' }, at: Position): Weight => {
    const before = entries.get(name, measurement.subject)
    const share = Math.log(shareOf.get(name) ?? 0)
    const evidence: Evidence = {
      subject: measurement.subject,
      logE: Float64Array.of(measurement.logE),
      since: before?.since ?? at,
      records: measurement.records,
      active: before?.active ?? false,
      keeper: 'detector',
    }
    const contribution = measurement.logE + share
    return { detector: name, evidence, share, contribution, fed: contribution >= threshold, p: null }
  }

  /** What one measurement says about its subjects; empty where it says nothing yet. */
  const weightsOf = (
    measurement: Exclude<Measurement, { kind: 'insufficient' }>,
    encoded: Encoded,
    { name, calibration }: FittedDetector,
    at: Position,
  ): Weight[] => {
    switch (measurement.kind) {
      case 'scores':
        return exceedanceIncrements(encoded, measurement.scores, tails.get(name) ?? []).map((each) =>
          weight(name, each, at),
        )
      case 'statistic': {
        const increment = statisticIncrement(measurement, calibration)
        return increment === null ? [] : [weight(name, increment, at)]
      }
      case 'increment':
        return [weight(name, measurement, at)]
      case 'level':
        return [level(name, measurement, at)]
    }
  }

  /**
   * The weighted average of all evidence is itself an e-detector, so it alarms when the sum of contributions reaches the
   * run length. Named in the alarm are the largest contributions that reach it together; most often it is one.
   */
  const raise = (weights: readonly Weight[]): ReadonlySet<Weight> => {
    const waiting = weights
      .filter(({ evidence }) => !evidence.active)
      .toSorted((a, b) => b.contribution - a.contribution)
    const raised = new Set<Weight>()
    let start = 0
    for (;;) {
      let sum = 0
      const rest = waiting.slice(start)
      const reached = rest.findIndex(
        ({ contribution }) => (sum += Math.exp(Math.min(contribution, 700))) >= Math.exp(threshold),
      )
      if (reached < 0) return raised
      for (const each of rest.slice(0, reached + 1)) raised.add(each)
      start += reached + 1
    }
  }

  const settle = ({ detector, evidence, share }: Weight, raised: boolean): Evidence => {
    const active = evidence.active || raised
    const kept = active ? capped(evidence, threshold - share) : evidence
    const restarts = active && !raised && levelOf(kept) <= clearedAt
    const after: Evidence = restarts
      ? { ...kept, logE: new Float64Array(kept.logE.length), since: null, records: 0, active: false }
      : { ...kept, active }
    entries.set(detector, evidence.subject, after)
    return after
  }

  return {
    threshold,
    state: (): WeigherState => ({ ledger: entries.state(), arrivals: shares.state() }),
    weigh(
      encoded: Encoded,
      measured: ReadonlyMap<string, readonly Measurement[]>,
      at: Position,
      tests = false,
    ): Weighed {
      const weights: Weight[] = []
      const insufficient: Insufficient[] = []
      for (const fitted of baseline.detectors) {
        for (const measurement of measured.get(fitted.name) ?? []) {
          if (measurement.kind === 'insufficient') {
            const { subject, records, needed } = measurement
            insufficient.push({ detector: fitted.name, subject, records, needed })
          } else weights.push(...weightsOf(measurement, encoded, fitted, at))
        }
      }
      const raised = raise(weights)
      const cleared: { detector: string; subject: Subject }[] = []
      const alarms: Alarm[] = []
      const seen = new Set<Evidence | undefined>()
      for (const each of weights) {
        const { detector, evidence, contribution, fed } = each
        const now = raised.has(each)
        const after = settle(each, now)
        seen.add(after)
        if (evidence.active && !after.active) cleared.push({ detector, subject: evidence.subject })
        else if (now || (after.active && (fed || named(evidence.subject))))
          alarms.push(alarmOf(detector, evidence, contribution, now, at))
      }
      for (const { detector, subject } of entries.active()) {
        const evidence = entries.get(detector, subject)
        if (evidence === undefined || seen.has(evidence)) continue
        // A detector that keeps its own evidence reports all of it that speaks against a subject: silence clears.
        if (evidence.keeper === 'detector' && measured.has(detector)) {
          entries.set(detector, subject, { ...evidence, active: false })
          cleared.push({ detector, subject })
        } else if (named(subject)) alarms.push(alarmOf(detector, evidence, threshold, false, at))
      }
      return {
        threshold,
        alarms: alarms.toSorted((a, b) => b.logE - a.logE),
        cleared,
        insufficient,
        ...(tests && { tests: testsOf(weights) }),
      }
    },
  }
}

function testsOf(weights: readonly Weight[]): BatchTest[] {
  return weights.flatMap(({ detector, evidence: { subject }, p }) => (p === null ? [] : [{ detector, subject, p }]))
}

/**
 * An alarm about a source, a pair or a feature holds back what it names for as long as it lasts. One about the stream or a
 * label names nothing to tell batches apart by, so it holds back those that speak for it.
 */
function named({ kind }: Subject): boolean {
  return kind !== 'stream' && kind !== 'label'
}

function alarmOf(detector: string, evidence: Evidence, logE: number, raised: boolean, at: Position): Alarm {
  const onset = evidence.since === null || samePosition(evidence.since, at) ? null : evidence.since
  return { detector, subject: evidence.subject, logE, onset, records: evidence.records, raised }
}

function samePosition(a: Position, b: Position): boolean {
  return a.topic === b.topic && a.partition === b.partition && a.offset === b.offset
}
