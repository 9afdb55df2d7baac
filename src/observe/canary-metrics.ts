import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from './metrics.ts'

/** What metrics tell of a trial, and of all trials of its attack. */
export interface CanaryTrial {
  readonly attack: string
  readonly caught: boolean
  readonly anyway: boolean
  readonly admitted: number // poisons
  readonly records: number
  readonly alwaysFire: { readonly records: number }
}

export interface CanaryRecall {
  readonly value: number | null
  readonly lower: number
  readonly upper: number
}

export interface CanaryMetrics extends Pick<Metrics, 'contentType' | 'text'> {
  trial(trial: CanaryTrial, recall: CanaryRecall): void
  /** A batch of the stream was judged, beside any shadow: what would be held back of it without poisons. */
  batch(records: number, heldBack: number): void
}

/** Metrics of a process that tries poisons beside a pipeline. Labels are names of the pipeline and of attacks. */
export function openCanaryMetrics(version: string, pipeline: string, attacks: readonly string[]): CanaryMetrics {
  const registry = new Registry()
  const registers = [registry]
  const of = (name: string, help: string, ...more: string[]) => ({
    name: `taster_canary_${name}`,
    help,
    labelNames: ['pipeline', ...more],
    registers,
  })
  const trials = new Counter(of('trials_total', 'Attacks that were tried to their end', 'attack'))
  const caught = new Counter(of('caught_total', 'Of these, attacks that an alarm named', 'attack'))
  const anyway = new Counter(
    of('alarmed_anyway_total', 'Of these, trials with an alarm without poisons, too', 'attack'),
  )
  const recall = new Gauge(of('recall', 'Share of the attacks tried that was named', 'attack'))
  const bound = new Gauge(of('recall_bound', 'Ends of the exact 95 % interval of the recall', 'attack', 'bound'))
  const buckets = [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000]
  const delay = new Histogram({
    ...of('delay_records', 'Records judged from the first poison to the alarm that named it', 'attack'),
    buckets,
  })
  const alwaysFire = new Histogram({
    ...of('always_fire_delay_records', 'The same for a detector that always fires, whose recall is 1', 'attack'),
    buckets,
  })
  const admitted = new Histogram({
    ...of('admitted_poisons', 'Poisons before the batch that was named; all of them where none was', 'attack'),
    buckets: [0, 1, 3, 10, 30, 100, 300, 1000],
  })
  const records = new Counter(of('records_total', 'Records of the stream judged: what always firing would hold back'))
  const held = new Counter(of('held_records_total', 'Of these, records that would be held back'))
  const build = new Gauge({
    name: 'taster_build_info',
    help: 'Versions of Taster and Node',
    labelNames: ['version', 'node'],
    registers,
  })
  collectDefaultMetrics({ register: registry })
  build.set({ version, node: process.version }, 1)
  for (const attack of attacks) for (const counter of [trials, caught, anyway]) counter.inc({ pipeline, attack }, 0)
  for (const counter of [records, held]) counter.inc({ pipeline }, 0)

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    trial(trial, { value, lower, upper }) {
      const labels = { pipeline, attack: trial.attack }
      trials.inc(labels)
      if (trial.caught) caught.inc(labels)
      if (trial.caught) delay.observe(labels, trial.records)
      if (trial.anyway) anyway.inc(labels)
      admitted.observe(labels, trial.admitted)
      alwaysFire.observe(labels, trial.alwaysFire.records)
      recall.set(labels, value ?? 0)
      bound.set({ ...labels, bound: 'lower' }, lower)
      bound.set({ ...labels, bound: 'upper' }, upper)
    },
    batch(judged, heldBack) {
      records.inc({ pipeline }, judged)
      held.inc({ pipeline }, heldBack)
    },
  }
}
