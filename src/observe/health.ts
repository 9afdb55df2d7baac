import type { Code } from '../core/errors.ts'
import type { Notice, Notify } from '../core/notice.ts'

/** What may take its time and is no standstill yet. */
export interface Patience {
  readonly batchSeconds: number // one batch, by the pipeline's settings: linger and deadline
  readonly joinSeconds: number // joining the group, while it waits for members that are gone
}

/** What is known of the health of a process: fed by notices, and by the passing of time. */
export interface Health {
  backendReady(): void
  /** A pipeline has its baseline, and is about to join its group. */
  loaded(name: string, patience: Patience): Notify
  /** Lets so many ms pass. */
  pass(ms: number): void
  /** What has stood still for longer than it may; empty where all is well. */
  stuck(limitMs: number): readonly string[]
  /** What is still missing before every pipeline can judge; empty where all is ready. */
  unready(): readonly string[]
}

interface PartitionHealth {
  open: boolean
  waiting: bigint | null // records that wait; null: not known yet
  stillMs: number // since anything moved
  trouble: Code | null // since something was last committed
  restored: bigint // highest offset that restoring has reached since then
}

interface PipelineHealth {
  readonly patience: Patience
  joined: boolean
  outsideMs: number // of the group
  partitions: Map<number, PartitionHealth>
}

/**
 * `expected`: the pipelines that are to run.
 *
 * A partition moves when a transaction commits, when restoring its evidence gets further than it was, or, with nothing to
 * do, when a fetch comes back. So one that is idle is well, and one whose broker stopped answering is not. Being opened
 * counts as moving where nothing has failed since the last commit: a line that fails at each commit is opened for each
 * try. While the brokers are away, and only then, the announcement of the next try counts as moving, and the pause before
 * it does not count: a fresh process could do no more.
 */
export function openHealth(expected: readonly string[]): Health {
  const pipelines = new Map<string, PipelineHealth | null>(expected.map((name) => [name, null]))
  let backend = false

  return {
    backendReady: () => (backend = true),
    loaded(name, patience) {
      const pipeline = { patience, joined: false, outsideMs: 0, partitions: new Map() }
      pipelines.set(name, pipeline)
      return (notice) => note(pipeline, notice)
    },
    pass(ms) {
      for (const pipeline of pipelines.values()) {
        if (pipeline === null) continue
        if (!pipeline.joined) pipeline.outsideMs += ms
        for (const partition of pipeline.partitions.values()) partition.stillMs += ms
      }
    },
    stuck(limitMs) {
      const reasons: string[] = []
      for (const [name, pipeline] of pipelines) {
        if (pipeline === null) continue
        const { patience, joined, outsideMs, partitions } = pipeline
        if (!joined && outsideMs > limitMs + patience.joinSeconds * 1000)
          reasons.push(`pipeline ${name} has been out of its group for ${s(outsideMs)}`)
        for (const [number, partition] of partitions)
          if (partition.stillMs > limitMs + patience.batchSeconds * 1000)
            reasons.push(standstill(name, number, partition))
      }
      return reasons
    },
    unready() {
      const reasons = backend ? [] : ['the compute backend has not started']
      if (pipelines.size === 0) reasons.push('no pipeline has started')
      for (const [name, pipeline] of pipelines) {
        if (pipeline === null) reasons.push(`pipeline ${name} has no baseline yet`)
        else if (!pipeline.joined) reasons.push(`pipeline ${name} is not in its group`)
        for (const [number, { open, trouble }] of pipeline?.partitions ?? [])
          if (!open) reasons.push(`pipeline ${name}: partition ${number} is not open${because(trouble)}`)
      }
      return reasons
    },
  }
}

function note(pipeline: PipelineHealth, notice: Notice): void {
  switch (notice.kind) {
    case 'joined': {
      const ours = notice.partitions.map((number) => [number, pipeline.partitions.get(number) ?? fresh()] as const)
      pipeline.partitions = new Map(ours)
      pipeline.joined = true
      pipeline.outsideMs = 0
      return
    }
    case 'rebalancing':
      pipeline.joined = false
      return
    case 'retrying':
      if (notice.error.code === 'BROKER_UNAVAILABLE') {
        pipeline.outsideMs = -notice.afterMs
        for (const [number, partition] of pipeline.partitions)
          if (notice.partition === null || notice.partition === number)
            Object.assign(partition, { stillMs: -notice.afterMs, restored: none })
      }
      if (notice.partition !== null) change(pipeline, notice.partition, { trouble: notice.error.code })
      return
    case 'restoring':
      if (notice.offset > (pipeline.partitions.get(notice.partition)?.restored ?? none))
        change(pipeline, notice.partition, { stillMs: 0, restored: notice.offset })
      return
    case 'opened': {
      const hadTrouble = (pipeline.partitions.get(notice.partition)?.trouble ?? null) !== null
      change(pipeline, notice.partition, { open: true, waiting: null, ...(!hadTrouble && { stillMs: 0 }) })
      return
    }
    case 'committed':
      change(pipeline, notice.partition, settled)
      return
    case 'lag':
      change(pipeline, notice.partition, { waiting: notice.records })
      return
    case 'stage':
      if (notice.stage === 'fetch' && pipeline.partitions.get(notice.partition)?.waiting === 0n)
        change(pipeline, notice.partition, settled)
      return
    case 'closed':
      change(pipeline, notice.partition, { open: false })
      return
    case 'aborted':
    case 'heartbeat': // of the group's membership, which stays alive though the line stands still
    case 'evidence':
      return
  }
}

const none = -1n // before any offset
const settled = { stillMs: 0, trouble: null, restored: none } as const
const fresh = (): PartitionHealth => ({ open: false, waiting: null, ...settled })

/** Notices about a partition that is not ours any more come from a line that is closing: they change nothing. */
function change({ partitions }: PipelineHealth, number: number, to: Partial<PartitionHealth>): void {
  const partition = partitions.get(number)
  if (partition !== undefined) Object.assign(partition, to)
}

function standstill(name: string, number: number, { open, waiting, stillMs, trouble }: PartitionHealth): string {
  const where = `pipeline ${name}, partition ${number}: `
  if (!open) return `${where}it could not be opened for ${s(stillMs)}${because(trouble)}`
  if (waiting === 0n) return `${where}the brokers have answered no fetch for ${s(stillMs)}${because(trouble)}`
  const records = waiting === null ? 'records may' : `${waiting} records`
  return `${where}nothing was committed for ${s(stillMs)} while ${records} wait${because(trouble)}`
}

const because = (trouble: Code | null) => (trouble === null ? '' : ` (${trouble})`)
const s = (ms: number) => `${Math.round(ms / 1000)} s`
