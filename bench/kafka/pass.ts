import type { Client } from '../../src/kafka/client.ts'
import { argumentsOf } from './floor.ts'
import { openLine } from './pipeline.ts'
import { cpuSeconds } from './proc.ts'
import { startScript, type Running } from './processes.ts'
import type { Content } from './records.ts'
import { createTopic, deleteTopics, fresh, openProgress, total } from './topics.ts'

/** What one pass over a topic took, from the first offset that was seen committed to the last. */
export interface Pass {
  readonly perSecond: number // records
  readonly seconds: number
  readonly cpu: number // CPU seconds of the process per second
  readonly cpuPerRecord: number // microseconds, of the process
  readonly brokerCpuPerRecord: number // microseconds; NaN where the broker is not on this machine
  readonly held: number // records that were not passed on as clean
}

/** Where passes are run. */
export interface Bench {
  readonly client: Client
  readonly brokerPid: number | null
  readonly folder: string
  readonly note: (line: string) => void
}

/** A kind of records, and the folder of the baseline that they are judged by. */
export interface Judged {
  readonly content: Content
  readonly baseline: string
}

/** What stands ready to be passed on. */
export interface Stream extends Judged {
  readonly input: string
  readonly records: number
  readonly recordBytes: number // of the value, mean
}

const everyMs = 50

/** Watches a group until it has committed `until` records. Throws where the process ends before. */
export async function measure(
  { client, brokerPid }: Pick<Bench, 'client' | 'brokerPid'>,
  by: Running,
  { group, input, from = 0, until }: { group: string; input: string; from?: number; until: number },
): Promise<Omit<Pass, 'held'>> {
  const progress = await openProgress(client, group, input)
  const look = async () => {
    const before = performance.now()
    const records = total(await progress.committed())
    const at = (before + performance.now()) / 2
    const broker = brokerPid === null ? NaN : await cpuSeconds(brokerPid)
    return { at, records, process: await cpuSeconds(by.pid), broker }
  }
  let over = false
  const stopWatching = () => (over = true)
  void by.ended.then(stopWatching)
  try {
    let first = await look()
    let last = first
    while (last.records < until) {
      if (over) throw new Error(`a process ended after ${last.records} of ${until} records`)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
      last = await look()
      if (first.records <= from) first = last
    }
    const records = last.records - first.records
    const seconds = (last.at - first.at) / 1000
    return {
      perSecond: records / seconds,
      seconds,
      cpu: (last.process - first.process) / seconds,
      cpuPerRecord: ((last.process - first.process) / records) * 1e6,
      brokerCpuPerRecord: ((last.broker - first.broker) / records) * 1e6,
    }
  } finally {
    await progress.close()
  }
}

export type Floor = 'floor-client' | 'floor-line'

/** The bare pass-through over a stream, by either client. */
export async function passBare(bench: Bench, floor: Floor, { input, records }: Stream): Promise<Pass> {
  const { client } = bench
  const group = fresh(floor)
  const output = await createTopic(client, floor)
  const brokers = client.connection.brokers.join(',')
  const running = startScript(`./${floor}.js`, argumentsOf({ brokers, group, input, output }))
  try {
    const pass = await measure(bench, running, { group, input, until: records })
    return { ...pass, held: 0 }
  } finally {
    await stop(running)
    await deleteTopics(client, [output])
  }
}

/** Taster over a stream. */
export async function passTaster(bench: Bench, stream: Stream): Promise<Pass> {
  const { content, input, records, baseline } = stream
  const line = await openLine(bench.client, content, { folder: bench.folder, baseline, input })
  const running = line.start()
  try {
    const pass = await measure(bench, running, { group: line.group, input, until: records })
    return { ...pass, held: heldBy(running) }
  } finally {
    await stop(running)
    await line.remove()
  }
}

/** Records of batches that were quarantined, by what a process has logged. */
export function heldBy({ lines }: Running): number {
  const held = lines.filter(({ fields }) => fields['event'] === 'batch' && fields['decision'] !== 'pass')
  return held.reduce((sum, { fields }) => sum + Number(fields['records']), 0)
}

export async function stop(running: Running): Promise<void> {
  running.kill('SIGTERM')
  await running.ended
}
