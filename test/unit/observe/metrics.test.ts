import { describe, expect, it } from 'vitest'
import { TasterError, type Code } from '../../../src/core/errors.ts'
import type { Notice } from '../../../src/core/notice.ts'
import { openMetrics } from '../../../src/observe/metrics.ts'
import { committed, event, facts, finding, outcome } from './outcomes.ts'
import { samplesIn } from './series-in.ts'

function observed(...notices: Notice[]) {
  const metrics = openMetrics('1.2.3')
  const notify = metrics.pipeline('mail', facts)
  for (const notice of notices) notify(notice)
  /** Series of a metric as label values → value, the pipeline's name left out. */
  const values = async (name: string) =>
    Object.fromEntries(
      samplesIn(await metrics.text())
        .filter((sample) => sample.name === `taster_${name}`)
        .map(({ labels, value }) => [[...labels].flatMap(([, of]) => (of === 'mail' ? [] : [of])).join(' '), value]),
    )
  return { metrics, notify, values }
}

const aborted = (code: Code): Notice => ({ kind: 'aborted', partition: 0, error: new TasterError(code, 'x') })
const lag = (partition: number, records: bigint, seconds: number): Notice => ({
  kind: 'lag',
  partition,
  records,
  seconds,
})

describe('the metrics', () => {
  it('count records, batches and dead letters', async () => {
    const { values } = observed(
      committed(
        0,
        outcome({ decisions: ['pass', 'pass'], text: 'abc' }),
        outcome({ decisions: ['quarantine', 'dead-letter'], rejected: ['LABEL_MISSING'], text: 'abc' }),
      ),
      committed(1, outcome({ decisions: ['dead-letter', 'dead-letter'], rejected: ['RECORD_EMPTY', 'no code'] })),
    )
    expect(await values('records_total')).toEqual({ pass: 2, quarantine: 1, 'dead-letter': 3 })
    expect(await values('batches_total')).toEqual({ pass: 1, quarantine: 1, 'dead-letter': 1 })
    expect(await values('input_bytes_total')).toEqual({ '': 4 * 4 + 2 * 2 })
    expect(await values('dead_letters_total')).toEqual({ LABEL_MISSING: 1, RECORD_EMPTY: 1, other: 1 })
    expect(await values('transactions_committed_total')).toEqual({ '': 2 })
    expect(await values('batch_duration_seconds_count')).toEqual({ '': 3 })
    expect(await values('batch_duration_seconds_sum')).toEqual({ '': 0.75 })
  })

  it('count alarms by detector, against what the budget allows', async () => {
    const subject = { kind: 'source', name: 'a' } as const
    const { values } = observed(
      committed(
        0,
        outcome(),
        outcome({ findings: [finding(subject)] }),
        outcome({ findings: [finding(subject, false)] }),
      ),
      committed(
        0,
        outcome({ events: [event('alarm.cleared', 'trigger'), event('detector.degraded', 'pair-flip')] }),
        outcome({ unscored: true, events: [event('detector.degraded', 'someone')] }),
        outcome({ decisions: ['dead-letter'], rejected: ['RECORD_EMPTY'] }), // holds nothing to judge
      ),
    )
    expect(await values('findings_total')).toEqual({ trigger: 2, 'pair-flip': 0 })
    expect(await values('alarms_raised_total')).toEqual({ trigger: 1, 'pair-flip': 0 })
    expect(await values('alarms_cleared_total')).toEqual({ trigger: 1, 'pair-flip': 0 })
    expect(await values('detector_failures_total')).toEqual({ trigger: 0, 'pair-flip': 1, other: 1 })
    expect(await values('batches_unscored_total')).toEqual({ '': 1 })
    expect((await values('alarms_allowed_total'))['']).toBeCloseTo(0.004, 12) // 4 judged, 1 in 1,000
    expect((await values('alarm_budget_spent_ratio'))['']).toBeCloseTo(250, 9)
  })

  it('are there before anything happens, so that the first alarm is an increase', async () => {
    const { values } = observed()
    expect(await values('alarms_raised_total')).toEqual({ trigger: 0, 'pair-flip': 0 })
    expect(await values('records_total')).toEqual({ pass: 0, quarantine: 0, 'dead-letter': 0 })
    expect(await values('partitions_assigned')).toEqual({ '': 0 })
  })

  it('follow partitions as they come and go', async () => {
    const opened = (partition: number): Notice => ({ kind: 'opened', partition, offset: 0n, remeasured: 7, seconds: 2 })
    const { notify, values } = observed(
      { kind: 'joined', member: 'm', partitions: [0, 1] },
      opened(0),
      opened(1),
      lag(0, 5n, 1.5),
      lag(1, 6n, 2.5),
      { kind: 'evidence', partition: 1, bytes: 4096 },
    )
    expect(await values('partitions_open')).toEqual({ '': 2 })
    expect(await values('lag_records')).toEqual({ 0: 5, 1: 6 })
    expect(await values('remeasured_records_total')).toEqual({ '': 14 })
    expect(await values('restore_duration_seconds_sum')).toEqual({ '': 4 })
    notify({ kind: 'rebalancing' })
    notify({ kind: 'joined', member: 'm', partitions: [0] })
    notify(lag(1, 6n, 2.5)) // of a line that is closing
    notify({ kind: 'evidence', partition: 1, bytes: 1 })
    notify({ kind: 'closed', partition: 1, reason: 'stopped' })
    expect(await values('partitions_assigned')).toEqual({ '': 1 })
    expect(await values('partitions_open')).toEqual({ '': 1 })
    expect(await values('lag_records')).toEqual({ 0: 5 })
    expect(await values('lag_seconds')).toEqual({ 0: 1.5 })
    expect(await values('evidence_snapshot_bytes')).toEqual({})
    expect(await values('rebalances_total')).toEqual({ '': 1 })
    notify({ kind: 'closed', partition: 0, reason: 'BROKER_UNAVAILABLE' })
    expect(await values('partitions_open')).toEqual({ '': 0 })
  })

  it('count failures and retries by code, and time the stages', async () => {
    const { values } = observed(
      aborted('PRODUCER_FENCED'),
      aborted('PRODUCER_FENCED'),
      aborted('BROKER_UNAVAILABLE'),
      { kind: 'retrying', partition: null, error: new TasterError('BROKER_UNAVAILABLE', 'x'), afterMs: 1 },
      { kind: 'stage', partition: 0, stage: 'judge', seconds: 0.25 },
      { kind: 'stage', partition: 1, stage: 'judge', seconds: 0.5 },
    )
    expect(await values('partition_failures_total')).toEqual({ PRODUCER_FENCED: 2, BROKER_UNAVAILABLE: 1 })
    expect(await values('retries_total')).toEqual({ BROKER_UNAVAILABLE: 1 })
    expect(await values('stage_duration_seconds_sum')).toEqual({ judge: 0.75 })
  })

  it('say what runs', async () => {
    const { metrics, values } = observed()
    metrics.backend({ name: 'wasm', detail: 'SIMD, "one" thread\n\\' })
    expect(Object.keys(await values('build_info'))).toEqual([`1.2.3 ${process.version}`])
    expect(Object.keys(await values('baseline_info'))).toEqual(['sha256:aa'])
    expect(Object.keys(await values('compute_backend_info'))).toEqual(['wasm SIMD, \\"one\\" thread\\n\\\\'])
    expect(await metrics.text()).toContain('process_resident_memory_bytes ')
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  it('keep pipelines apart, and registries of two observers', async () => {
    const { metrics, values } = observed(committed(0, outcome()))
    metrics.pipeline('reviews', facts)(committed(0, outcome(), outcome()))
    expect(await values('batches_total')).toMatchObject({ pass: 1, 'reviews pass': 2 })
    expect(await observed().values('batches_total')).toEqual({ pass: 0, quarantine: 0, 'dead-letter': 0 })
  })

  it('stay as many, whatever data name', async () => {
    const { metrics, notify } = observed()
    const count = async () => samplesIn(await metrics.text()).filter(({ name }) => name.startsWith('taster_')).length
    const flood = (name: string, i: number) =>
      notify(
        committed(
          0,
          outcome({
            from: i,
            source: name,
            label: name,
            text: name,
            verdict: name,
            decisions: ['quarantine', 'dead-letter'],
            rejected: [i % 2 === 0 ? 'FIELD_MISSING' : name],
            findings: [
              finding({ kind: 'source', name }),
              finding({ kind: 'feature', feature: i, label: name }),
              finding({ kind: 'stream' }, true, name),
            ],
            events: [event('alarm.cleared', name), event('detector.degraded', name), event(name, name)],
          }),
        ),
      )
    flood('first', 0)
    flood('second', 1)
    const before = await count()
    for (let i = 2; i < 10_002; i++) flood(`made-up-${i}`, i)
    expect(await count()).toBe(before)
    expect(await metrics.text()).not.toContain('made-up')
  })
})
