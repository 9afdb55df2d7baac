import { collectDefaultMetrics, Registry } from 'prom-client'
import { codes } from '../core/errors.ts'
import type { Outcome } from '../core/line.ts'
import type { Notify } from '../core/notice.ts'
import type { Budget } from '../engine/budget.ts'
import type { EventType } from '../engine/events.ts'
import { decisionOf } from './decision.ts'
import { defineSeries, type Series } from './series.ts'

/** What is known of a pipeline once it has its baseline. */
export interface PipelineFacts {
  readonly budget: Budget
  readonly baseline: string // digest
  readonly detectors: readonly string[] // names
}

export interface Metrics {
  readonly contentType: string
  /** All series, as Prometheus reads them (text exposition format). */
  text(): Promise<string>
  backend(backend: { readonly name: string; readonly detail: string }): void
  pipeline(name: string, facts: PipelineFacts): Notify
}

/** Metrics of one process. Labels are names of pipelines, detectors, partitions and codes: never anything from data. */
export function openMetrics(version: string): Metrics {
  const registry = new Registry()
  const series = defineSeries(registry)
  collectDefaultMetrics({ register: registry })
  series.build.set({ version, node: process.version }, 1)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    backend({ name, detail }) {
      series.backend.reset()
      series.backend.set({ backend: name, detail }, 1)
    },
    pipeline: (name, facts) => countNotices(series, name, facts),
  }
}

const cleared: EventType = 'taster.alarm.cleared'
const degraded: EventType = 'taster.detector.degraded'

// Series that begin at 0 are there before the first increment, which Prometheus could not see otherwise.
const decisions = ['pass', 'quarantine', 'dead-letter'] as const

function countNotices(series: Series, pipeline: string, { budget, baseline, detectors }: PipelineFacts): Notify {
  const known = new Set([...detectors, 'the encoder', 'judging'])
  const ofDetector = (name: string | undefined) => ({
    pipeline,
    detector: known.has(name ?? '') ? (name ?? '') : 'other',
  })
  const ofCode = (code: string) => ({ pipeline, code: Object.hasOwn(codes, code) ? code : 'other' })
  const allowedPerBatch = budget.falseAlarms / budget.batches
  let raised = 0
  let allowed = 0
  let assigned = new Set<number>()
  let open = new Set<number>()

  series.baseline.set({ pipeline, digest: baseline }, 1)
  for (const decision of decisions)
    for (const counter of [series.records, series.batches]) counter.inc({ pipeline, decision }, 0)
  for (const name of detectors)
    for (const counter of [series.findings, series.raised, series.cleared, series.failures])
      counter.inc(ofDetector(name), 0)
  const zero = [series.committed, series.rebalances, series.unscored, series.remeasured, series.bytes, series.allowed]
  for (const counter of zero) counter.inc({ pipeline }, 0)
  series.assigned.set({ pipeline }, 0)
  series.open.set({ pipeline }, 0)
  series.spent.set({ pipeline }, 0)

  const countOutcome = (outcome: Outcome) => {
    const { batch, verdict, events, unscored } = outcome
    const rows = { pass: 0, quarantine: 0, 'dead-letter': 0 }
    for (const { decision } of verdict.rulings) rows[decision]++
    for (const decision of decisions) series.records.inc({ pipeline, decision }, rows[decision])
    series.batches.inc({ pipeline, decision: decisionOf(outcome) })
    let bytes = 0
    for (const { key, value } of batch.messages) bytes += (key?.length ?? 0) + (value?.length ?? 0)
    series.bytes.inc({ pipeline }, bytes)
    for (const { code } of batch.rejected) series.deadLetters.inc(ofCode(code))
    for (const finding of verdict.findings) {
      series.findings.inc(ofDetector(finding.detector))
      if (!finding.raised) continue
      series.raised.inc(ofDetector(finding.detector))
      raised++
    }
    for (const { type, subject } of events) {
      if (type === cleared) series.cleared.inc(ofDetector(subject))
      if (type === degraded) series.failures.inc(ofDetector(subject))
    }
    if (unscored) series.unscored.inc({ pipeline })
    if (unscored || batch.id.length === 0) return // nothing was weighed, so nothing could raise an alarm
    allowed += allowedPerBatch
    series.allowed.inc({ pipeline }, allowedPerBatch)
  }

  const forget = (partition: number) => {
    open.delete(partition)
    for (const gauge of [series.lagRecords, series.lagSeconds, series.evidence]) gauge.remove({ pipeline, partition })
  }

  return (notice) => {
    switch (notice.kind) {
      case 'joined':
        for (const partition of assigned) if (!notice.partitions.includes(partition)) forget(partition)
        assigned = new Set(notice.partitions)
        series.assigned.set({ pipeline }, assigned.size)
        series.open.set({ pipeline }, open.size)
        return
      case 'rebalancing':
        series.rebalances.inc({ pipeline })
        return
      case 'opened':
        if (assigned.has(notice.partition)) open.add(notice.partition)
        series.open.set({ pipeline }, open.size)
        series.remeasured.inc({ pipeline }, notice.remeasured)
        series.opening.observe({ pipeline }, notice.seconds)
        return
      case 'closed':
        open.delete(notice.partition)
        series.open.set({ pipeline }, open.size)
        return
      case 'stage':
        series.stage.observe({ pipeline, stage: notice.stage }, notice.seconds)
        return
      case 'committed':
        series.committed.inc({ pipeline })
        for (const outcome of notice.outcomes) countOutcome(outcome)
        for (const seconds of notice.seconds) series.batch.observe({ pipeline }, seconds)
        series.spent.set({ pipeline }, allowed === 0 ? 0 : raised / allowed)
        return
      case 'aborted':
        series.partitionFailures.inc(ofCode(notice.error.code))
        return
      case 'retrying':
        series.retries.inc(ofCode(notice.error.code))
        return
      case 'lag':
        if (!assigned.has(notice.partition)) return // a line that is closing tells it once more
        series.lagRecords.set({ pipeline, partition: notice.partition }, Number(notice.records))
        series.lagSeconds.set({ pipeline, partition: notice.partition }, notice.seconds)
        return
      case 'evidence':
        if (assigned.has(notice.partition)) series.evidence.set({ pipeline, partition: notice.partition }, notice.bytes)
        return
      case 'heartbeat':
      case 'restoring':
        return
    }
  }
}
