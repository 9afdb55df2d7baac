import type { Baseline, FittedDetector } from '../baseline/baseline.ts'
import { openEncoding, type OpenEncoding } from '../baseline/encode.ts'
import { conformalPValues } from '../baseline/pvalues.ts'
import type { Records } from '../core/batch.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement, Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import type { BatchTest, Finding, Insufficient } from '../core/verdict.ts'
import { benjaminiHochberg } from '../stats/benjamini-hochberg.ts'
import type { Budget } from './budget.ts'
import { rowsOf } from './rows.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'
import { openWeigher, type Alarm } from './weigh.ts'

/** What the worker hands back about a batch: everything `decide` needs. */
export interface Judgement {
  readonly findings: readonly Finding[]
  readonly cleared: readonly { readonly detector: string; readonly subject: Subject }[]
  readonly insufficient: readonly Insufficient[]
  readonly failed: readonly Failed[]
  readonly tests?: readonly BatchTest[] // where they were asked for
}

export interface Failed {
  readonly detector: string
  readonly message: string
}

export interface Judge {
  /** Encodes, measures and weighs a batch whose first message stands at `at`. Batches are judged in the order given. */
  judge(records: Records, at: Position): Promise<Judgement>
  /** All that was learnt from the batches asked about so far; a judge that starts with it judges on as this one does. */
  snapshot(): Promise<Uint8Array>
  close(): Promise<void>
}

// Expected share of innocent records among the suspects of a flagged batch (Benjamini & Hochberg 1995).
const falseDiscoveryRate = 0.1
const mostSuspects = 20

export interface JudgeOptions {
  /** The baseline's encoding where several judges share it; it stays open. */
  readonly encoding?: OpenEncoding
  /** Gives the p-values of each batch, too. */
  readonly tests?: boolean
  /** Is told what is at work: an index in `stagesOf(baseline)`. */
  readonly onStage?: (stage: number) => void
}

/** What can be at work on a batch: the encoder, each detector, and the weighing of what they found. */
export function stagesOf({ detectors }: Baseline): string[] {
  return [encoderStage, ...detectors.map(({ name }) => name), 'weighing']
}
const encoderStage = 'the encoder'

/**
 * encode → measure → weigh, in one compute thread. Throws STATE_BROKEN where a snapshot is damaged
 * or of another baseline or budget.
 */
export async function openJudge(
  baseline: Baseline,
  budget: Budget,
  snapshot?: Uint8Array,
  { encoding: shared, tests = false, onStage = () => {} }: JudgeOptions = {},
): Promise<Judge> {
  const before = snapshot === undefined ? undefined : decodeSnapshot(snapshot, baseline, budget)
  const encoding = shared ?? (await openEncoding(baseline.encoding))
  const weigher = openWeigher(baseline, budget, before?.evidence)
  const memories = new Map<string, unknown>(
    before?.memories ?? baseline.detectors.map(({ name, detector }) => [name, detector.memory.empty()]),
  )
  const detectorStage = new Map(baseline.detectors.map(({ name }, i) => [name, i + 1]))
  const weighingStage = baseline.detectors.length + 1

  const measure = (encoded: Encoded) => {
    const measured = new Map<string, readonly Measurement[]>()
    const failed: Failed[] = []
    for (const { name, detector, fitted } of baseline.detectors) {
      onStage(detectorStage.get(name) ?? 0)
      try {
        const { measurements, memory } = detector.measure(encoded, fitted, memories.get(name))
        measured.set(name, measurements)
        memories.set(name, memory)
      } catch (error) {
        // What the detector had counted may be half-changed: it starts again from nothing, and the batch is diverted.
        memories.set(name, detector.memory.empty())
        failed.push({ detector: name, message: messageOf(error) })
      }
    }
    return { measured, failed }
  }

  /** Suspects of a flagged batch by Benjamini-Hochberg over its conformal p-values, smallest first. */
  const suspectsOf = (
    { calibration }: FittedDetector,
    encoded: Encoded,
    measured: readonly Measurement[],
    rows: readonly number[],
  ) => {
    const scored = measured.find((each) => each.kind === 'scores')
    if (scored === undefined) return null
    const p = conformalPValues(calibration, encoded, scored.scores)
    const tested = rows.filter((row) => !Number.isNaN(p[row] ?? NaN))
    const rejected = benjaminiHochberg(
      Float64Array.from(tested, (row) => p[row] ?? 1),
      falseDiscoveryRate,
    )
    const suspects = Array.from(rejected, (i) => tested[i] ?? 0).toSorted((a, b) => (p[a] ?? 1) - (p[b] ?? 1))
    return { suspects, p: suspects.map((row) => p[row] ?? 1) }
  }

  /** What a reviewer is told. An alarm stands whether or not its detector can explain it. */
  const explained = ({ detector, subject }: Alarm, of: FittedDetector, encoded: Encoded, failed: Failed[]) => {
    onStage(detectorStage.get(detector) ?? 0)
    try {
      return of.detector.explain(subject, encoded, of.fitted, memories.get(detector))
    } catch (error) {
      failed.push({ detector, message: `no explanation: ${messageOf(error)}` })
      return { summary: `${detector} raised an alarm that it cannot explain`, suspects: [], facts: {} }
    }
  }

  const finding = (
    alarm: Alarm,
    threshold: number,
    encoded: Encoded,
    measured: readonly Measurement[],
    failed: Failed[],
  ) => {
    const of = baseline.detectors.find((each) => each.name === alarm.detector) ?? unknown(alarm)
    const rows = rowsOf(alarm.subject, encoded)
    const { summary, ...told } = explained(alarm, of, encoded, failed)
    const bh = suspectsOf(of, encoded, measured, rows)
    const suspects = (bh !== null && bh.suspects.length > 0 ? bh.suspects : told.suspects).slice(0, mostSuspects)
    const facts = bh === null ? told.facts : { ...told.facts, suspectP: bh.p.slice(0, mostSuspects) }
    return { ...alarm, threshold, rows, explanation: { summary, suspects, facts } }
  }

  const judge = async (records: Records, at: Position): Promise<Judgement> => {
    let encoded: Encoded
    onStage(0)
    try {
      encoded = await encoding.encode(records)
    } catch (error) {
      const failed = [{ detector: encoderStage, message: messageOf(error) }]
      return { findings: [], cleared: [], insufficient: [], failed }
    }
    const { measured, failed } = measure(encoded)
    onStage(weighingStage)
    const weighed = weigher.weigh(encoded, measured, at, tests)
    const findings = weighed.alarms
      .map((alarm) => finding(alarm, weighed.threshold, encoded, measured.get(alarm.detector) ?? [], failed))
      // An alarm that lasts concerns a batch only where its subject occurs in it.
      .filter(({ raised, rows }) => raised || rows.length > 0)
    const { cleared, insufficient } = weighed
    return { findings, cleared, insufficient, failed, ...(weighed.tests !== undefined && { tests: weighed.tests }) }
  }

  const inTurn = queue()
  return {
    judge: (records, at) => inTurn(() => judge(records, at)),
    snapshot: () =>
      inTurn(() => Promise.resolve(encodeSnapshot({ evidence: weigher.state(), memories }, baseline, budget))),
    close: () =>
      inTurn(() => {
        if (shared === undefined) encoding.close()
        return Promise.resolve()
      }),
  }
}

/** Does one thing after the other, in the order given, whatever becomes of each. */
export function queue() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function unknown(alarm: Alarm): never {
  throw new Error(`An alarm names detector ${alarm.detector}, which the baseline does not have`)
}
