import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import type { Section } from './figures.ts'
import { heldBy, stop, type Bench, type Stream } from './pass.ts'
import { openLine } from './pipeline.ts'
import { cpuSeconds, threadSeconds } from './proc.ts'
import { scrape } from './scrape.ts'
import { clockMicroseconds, secondsByStage } from './stages.ts'
import { openProgress, total } from './topics.ts'

interface Thread {
  readonly threadId: number
  readonly native: number
  readonly profile: Profiler.Profile
}

const from = 0.3 // of the records: what comes before warms up
const to = 0.9

/** Where the time of the line goes, in its steady state: by stage in each thread, and in CPU by process and thread. */
export async function profile(bench: Bench, stream: Stream): Promise<readonly Section[]> {
  const { client, brokerPid, folder, note } = bench
  const { content, input, records, baseline } = stream
  const within = join(folder, `profile-${content.name}`)
  await mkdir(within)
  const line = await openLine(client, content, { folder, baseline, input })
  const running = line.start({
    node: ['--import', new URL('./profiled.js', import.meta.url).href],
    env: { TASTER_BENCH_PROFILE: within, TASTER_THREADS: '1' }, // one to be profiled beside the main thread
  })
  const progress = await openProgress(client, line.group, input)
  const { fields } = await running.told({ event: 'serving' })
  const url = `${String(fields['url'])}/metrics`
  const look = async () => ({
    at: clockMicroseconds(),
    records: total(await progress.committed()),
    process: await cpuSeconds(running.pid),
    threads: await threadSeconds(running.pid),
    broker: brokerPid === null ? NaN : await cpuSeconds(brokerPid),
    metrics: await scrape(url),
  })
  const pass = async (share: number) => {
    while (total(await progress.committed()) < share * records) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await pass(from)
  const before = await look()
  await pass(to)
  const after = await look()
  await pass(1)
  await writeFile(join(within, 'stop'), '')
  const threads = await threadsIn(within)
  note(`${content.name}: profiled over ${after.records - before.records} records`)
  const held = heldBy(running)
  await stop(running)
  await progress.close()
  await line.remove()

  const count = after.records - before.records
  const seconds = (after.at - before.at) / 1e6
  const perRecord = (cpu: number) => (cpu / count) * 1e6
  const name = ({ threadId }: Thread) => (threadId === 0 ? 'main thread' : 'compute thread')
  const cpuOf = (native: number) => (after.threads.get(native) ?? NaN) - (before.threads.get(native) ?? 0)
  const known = threads.reduce((sum, { native }) => sum + cpuOf(native), 0)
  const process = after.process - before.process
  const cpu: Section = {
    title: `Profile: ${content.name}, CPU`,
    setting: `${count.toLocaleString('en')} records in ${seconds.toFixed(1)} s (${Math.round(count / seconds)} records/s, slowed by the profiler), ${held} of them held back`,
    figures: [
      ...threads.map((thread) => ({
        what: name(thread),
        values: [perRecord(cpuOf(thread.native))],
        unit: 'µs/record',
        digits: 1,
      })),
      {
        what: 'other threads of Taster (collector, compiler, the profiler)',
        values: [perRecord(process - known)],
        unit: 'µs/record',
        digits: 1,
      },
      { what: 'broker', values: [perRecord(after.broker - before.broker)], unit: 'µs/record', digits: 1 },
    ],
  }

  const stages = threads.map((thread): Section => {
    const spent = secondsByStage(thread.profile, { from: before.at, to: after.at })
    const all = [...spent.values()].reduce((sum, each) => sum + each, 0)
    return {
      title: `Profile: ${content.name}, ${name(thread)}`,
      setting: `share of its time by stage, of ${all.toFixed(1)} s`,
      figures: [...spent]
        .toSorted(([, a], [, b]) => b - a)
        .map(([stage, of]) => ({ what: stage, values: [(100 * of) / all], unit: '%', digits: 1 })),
    }
  })

  const change = (series: string) => (after.metrics.get(series) ?? 0) - (before.metrics.get(series) ?? 0)
  const told = ['fetch', 'decode', 'judge', 'transaction'].map((stage) => {
    const of = `{pipeline="bench-${content.name}",stage="${stage}"}`
    const times = change(`taster_stage_duration_seconds_count${of}`)
    return {
      what: `${stage}, ${Math.round(times)} times`,
      values: [(1000 * change(`taster_stage_duration_seconds_sum${of}`)) / times],
      unit: 'ms each',
      digits: 2,
    }
  })
  const waited: Section = {
    title: `Profile: ${content.name}, stages by /metrics`,
    setting:
      'time that one of each takes from its beginning to its end, waiting included; four partitions run beside each other',
    figures: told,
  }
  return [cpu, ...stages, waited]
}

/** The profiles of both threads, once they have been written. */
async function threadsIn(within: string): Promise<Thread[]> {
  for (;;) {
    const files = (await readdir(within)).filter((file) => file.endsWith('.json'))
    try {
      if (files.length >= 2) {
        const texts = await Promise.all(files.toSorted().map((file) => readFile(join(within, file), 'utf8')))
        return texts.map((text) => JSON.parse(text) as Thread)
      }
    } catch {
      // one is still being written
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
