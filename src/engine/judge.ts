import type { Baseline, FittedDetector } from '../baseline/baseline.ts'
import { openEncoding } from '../baseline/encode.ts'
import { conformalPValues } from '../baseline/pvalues.ts'
import type { Records } from '../core/batch.ts'
import type { Encoded } from '../core/encoded.ts'
import type { Measurement, Subject } from '../core/measurement.ts'
import type { Position } from '../core/message.ts'
import type { Finding, Insufficient } from '../core/verdict.ts'
import { benjaminiHochberg } from '../stats/benjamini-hochberg.ts'
import type { Budget } from './budget.ts'
import { rowsOf } from './rows.ts'
import { openWeigher, type Alarm } from './weigh.ts'

/** What the worker hands back about a batch: everything `decide` needs. */
export interface Judgement {
  readonly findings: readonly Finding[]
  readonly cleared: readonly { readonly detector: string; readonly subject: Subject }[]
  readonly insufficient: readonly Insufficient[]
  readonly failed: readonly { readonly detector: string; readonly message: string }[]
}

export interface Judge {
  /** Encodes, measures and weighs a batch whose first message stands at `at`. Batches are judged in the order given. */
  judge(records: Records, at: Position): Promise<Judgement>
  close(): Promise<void>
}

// Expected share of innocent records among the suspects of a flagged batch (Benjamini & Hochberg 1995).
const falseDiscoveryRate = 0.1
const mostSuspects = 20

/** encode → measure → weigh, in one thread: the one that owns the device. */
export async function openJudge(baseline: Baseline, budget: Budget): Promise<Judge> {
  const encoding = await openEncoding(baseline.encoding)
  const weigher = openWeigher(baseline, budget)
  const memories = new Map(baseline.detectors.map(({ name, detector }) => [name, detector.memory.empty()]))

  const measure = (encoded: Encoded) => {
    const measured = new Map<string, readonly Measurement[]>()
    const failed: { detector: string; message: string }[] = []
    for (const { name, detector, fitted } of baseline.detectors) {
      try {
        const { measurements, memory } = detector.measure(encoded, fitted, memories.get(name))
        measured.set(name, measurements)
        memories.set(name, memory)
      } catch (error) {
        // What the detector had counted may be half-changed: it starts again from nothing, and the batch is diverted.
        memories.set(name, detector.memory.empty())
        failed.push({ detector: name, message: error instanceof Error ? error.message : String(error) })
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

  const finding = (alarm: Alarm, threshold: number, encoded: Encoded, measured: readonly Measurement[]) => {
    const of = baseline.detectors.find((each) => each.name === alarm.detector) ?? unknown(alarm)
    const rows = rowsOf(alarm.subject, encoded)
    const explained = of.detector.explain(alarm.subject, encoded, of.fitted, memories.get(of.name))
    const bh = suspectsOf(of, encoded, measured, rows)
    const suspects = (bh !== null && bh.suspects.length > 0 ? bh.suspects : explained.suspects).slice(0, mostSuspects)
    const facts = bh === null ? explained.facts : { ...explained.facts, suspectP: bh.p.slice(0, mostSuspects) }
    return { ...alarm, threshold, rows, explanation: { summary: explained.summary, suspects, facts } }
  }

  return {
    async judge(records, at) {
      let encoded: Encoded
      try {
        encoded = await encoding.encode(records)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return { findings: [], cleared: [], insufficient: [], failed: [{ detector: 'the encoder', message }] }
      }
      const { measured, failed } = measure(encoded)
      const weighed = weigher.weigh(encoded, measured, at)
      const findings = weighed.alarms
        .map((alarm) => finding(alarm, weighed.threshold, encoded, measured.get(alarm.detector) ?? []))
        // An alarm that lasts concerns a batch only where its subject occurs in it.
        .filter(({ raised, rows }) => raised || rows.length > 0)
      return { findings, cleared: weighed.cleared, insufficient: weighed.insufficient, failed }
    },
    close() {
      encoding.close()
      return Promise.resolve()
    },
  }
}

function unknown(alarm: Alarm): never {
  throw new Error(`An alarm names detector ${alarm.detector}, which the baseline does not have`)
}
