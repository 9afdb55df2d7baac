import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export type Series = ReturnType<typeof defineSeries>

/** Every metric of Taster. Units are seconds, bytes and records; totals are since the process started. */
export function defineSeries(registry: Registry) {
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, ...labelNames: T[]) =>
    new Counter({ name: `taster_${name}`, help, labelNames, registers })
  const gauge = <T extends string>(name: string, help: string, ...labelNames: T[]) =>
    new Gauge({ name: `taster_${name}`, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, buckets: number[], ...labelNames: T[]) =>
    new Histogram({ name: `taster_${name}`, help, buckets, labelNames, registers })
  const short = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  const long = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

  return {
    records: counter('records_total', 'Records by what became of them', 'pipeline', 'decision'),
    bytes: counter('input_bytes_total', 'Bytes of keys and values of the messages judged', 'pipeline'),
    batches: counter('batches_total', 'Batches by what became of them', 'pipeline', 'decision'),
    unscored: counter('batches_unscored_total', 'Batches that were not judged in time', 'pipeline'),
    findings: counter('findings_total', 'Findings in batches, lasting alarms included', 'pipeline', 'detector'),
    raised: counter('alarms_raised_total', 'Alarms raised', 'pipeline', 'detector'),
    cleared: counter('alarms_cleared_total', 'Alarms that ended', 'pipeline', 'detector'),
    allowed: counter('alarms_allowed_total', 'False alarms that the budget allows for the batches judged', 'pipeline'),
    spent: gauge('alarm_budget_spent_ratio', 'Alarms raised, true or false, per false alarm allowed', 'pipeline'),
    deadLetters: counter('dead_letters_total', 'Dead letters by code', 'pipeline', 'code'),
    failures: counter('detector_failures_total', 'Batches that a detector failed on', 'pipeline', 'detector'),
    lagRecords: gauge('lag_records', 'Records that are readable and not committed', 'pipeline', 'partition'),
    lagSeconds: gauge(
      'lag_seconds',
      'Time since the end of the partition was first seen beyond what is committed',
      'pipeline',
      'partition',
    ),
    stage: histogram(
      'stage_duration_seconds',
      'Time of a stage: fetch (waiting for records included), decode, judge, transaction',
      short,
      'pipeline',
      'stage',
    ),
    batch: histogram('batch_duration_seconds', 'Time from a batch being complete to its commit', short, 'pipeline'),
    committed: counter('transactions_committed_total', 'Transactions that are durable', 'pipeline'),
    partitionFailures: counter(
      'partition_failures_total',
      'Times that judging a partition ended by an error',
      'pipeline',
      'code',
    ),
    retries: counter('retries_total', 'Pauses before a partition or the group is tried again', 'pipeline', 'code'),
    rebalances: counter('rebalances_total', 'Rebalances of the consumer group', 'pipeline'),
    assigned: gauge('partitions_assigned', 'Partitions that the group gave to this process', 'pipeline'),
    open: gauge('partitions_open', 'Of these, partitions that are judged', 'pipeline'),
    evidence: gauge('evidence_snapshot_bytes', 'Bytes of the last snapshot of the evidence', 'pipeline', 'partition'),
    remeasured: counter('remeasured_records_total', 'Records judged again to restore evidence', 'pipeline'),
    opening: histogram('restore_duration_seconds', 'Time to take a partition over with its evidence', long, 'pipeline'),
    baseline: gauge('baseline_info', 'The baseline that a pipeline judges by', 'pipeline', 'digest'),
    backend: gauge('compute_backend_info', 'What multiplies matrices, and why nothing better', 'backend', 'detail'),
    build: gauge('build_info', 'Versions of Taster and Node', 'version', 'node'),
  }
}
