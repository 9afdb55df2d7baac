import { median, type Section } from './figures.ts'
import { heldBy, stop, type Bench, type Judged } from './pass.ts'
import { openLine, sessionTimeoutMs, type Line } from './pipeline.ts'
import { resident, type Resident } from './proc.ts'
import type { Running } from './processes.ts'
import { appended, createTopic, deleteTopics, fill, openProgress, total } from './topics.ts'

const sampleMs = 500
const kills = 3
const betweenKills = 10_000 // records, at least

/** Memory along a long stream and, at its end, recovery from kill -9: both need all the records behind them. */
export async function longStream(
  bench: Bench,
  { content, baseline }: Judged,
  options: { readonly records: number; readonly memory: boolean; readonly recovery: boolean },
): Promise<readonly Section[]> {
  const { client, folder, note } = bench
  const { records } = options
  const few = records / 10
  const input = await createTopic(client, 'long')
  note(`memory and recovery: writing ${records} records`)
  const source = content.records(13)
  // What the killed processes go on with stands behind the rest.
  const rest = options.recovery ? (kills + 1) * betweenKills * 2 : 0
  await fill(client, input, source, Math.ceil((records + rest) / (4 * appended)) * 4 * appended)
  const line = await openLine(client, content, { folder, baseline, input })
  const sections: Section[] = []
  const running = line.start()
  const progress = await openProgress(client, line.group, input)
  const samples: { readonly records: number; readonly memory: Resident }[] = []
  for (let told = 0, done = 0; done < records;) {
    await new Promise((resolve) => setTimeout(resolve, sampleMs))
    done = total(await progress.committed())
    samples.push({ records: done, memory: await resident(running.pid) })
    if (done - told >= few) note(`${done} records, ${samples.at(-1)?.memory.now.toFixed(0)} MiB`)
    if (done - told >= few) told = done
  }
  await progress.close()

  if (options.memory) {
    const peak = (until: number) => samples.findLast((sample) => sample.records <= until)?.memory.peak ?? NaN
    const between = (from: number, to: number) =>
      median(samples.filter((sample) => sample.records > from && sample.records <= to).map(({ memory }) => memory.now))
    const [early, late] = [between(few / 2, 1.5 * few), between(records - few, Infinity)]
    const mebibytes = (what: string, value: number) => ({ what, values: [value], unit: 'MiB' })
    const count = (of: number) => of.toLocaleString('en')
    sections.push({
      title: `Memory: ${content.name}`,
      setting: `resident set of the process, both threads, every ${sampleMs} ms; the topic is full from the start, so the line never waits`,
      figures: [
        mebibytes(`peak (VmHWM) after ${count(few)} records`, peak(few)),
        mebibytes(`peak (VmHWM) after ${count(records)} records`, peak(Infinity)),
        mebibytes(`median around ${count(few)} records`, early),
        mebibytes(`median over the last ${count(few)} of ${count(records)}`, late),
        { what: 'the latter against the former', values: [late / early], target: { atMost: 1.05 }, digits: 3 },
        { what: 'peak against peak', values: [peak(Infinity) / peak(few)], target: { atMost: 1.1 }, digits: 3 },
        { what: 'records held back (the stream is clean)', values: [heldBy(running)] },
      ],
    })
  }
  if (options.recovery) sections.push(await recovery(bench, line, running, records))
  else await stop(running)
  await line.remove()
  await deleteTopics(client, [input])
  return sections
}

interface Recovered {
  readonly start: number // s, from kill -9 until the new process has its baseline
  readonly rebalance: number // until the group has given it its partitions
  readonly restore: number // until the first partition has its evidence back
  readonly verdict: number // until the first batch is committed
  readonly remeasured: number // records, of all partitions
}

/** Kills the process at work, starts it again at once, and waits for its first verdict. */
async function recovery({ note }: Bench, line: Line, first: Running, behind: number): Promise<Section> {
  const all: Recovered[] = []
  let running = first
  for (let kill = 0; kill < kills; kill++) {
    await untilCommitted(running, betweenKills)
    const killed = performance.now()
    running.kill('SIGKILL')
    const next = line.start()
    const at = async (fields: { readonly [name: string]: unknown }) => (await next.told(fields)).at
    const pipeline = await at({ event: 'pipeline' })
    const joined = await at({ event: 'joined' })
    const opened = await at({ event: 'opened' })
    const verdict = await at({ event: 'batch' })
    for (const partition of [0, 1, 2, 3]) await next.told({ event: 'opened', partition })
    const remeasured = next.lines
      .filter(({ fields }) => fields['event'] === 'opened')
      .reduce((sum, { fields }) => sum + Number(fields['remeasured']), 0)
    all.push({
      start: (pipeline - killed) / 1000,
      rebalance: (joined - pipeline) / 1000,
      restore: (opened - joined) / 1000,
      verdict: (verdict - opened) / 1000,
      remeasured,
    })
    note(`recovery: first verdict ${((verdict - killed) / 1000).toFixed(1)} s after the kill`)
    await running.ended
    running = next
  }
  await stop(running)
  const seconds = (what: string, of: (one: Recovered) => number) => ({
    what,
    values: all.map(of),
    unit: 's',
    digits: 2,
  })
  return {
    title: 'Recovery after kill -9',
    setting:
      `killed while it writes, ${behind.toLocaleString('en')} records behind it, and started again at once; the group waits for the ` +
      `session of the dead member (KAFKA_SESSION_TIMEOUT_MS, here ${sessionTimeoutMs} ms) before it gives partitions to another`,
    figures: [
      seconds('to the first verdict', (it) => it.start + it.rebalance + it.restore + it.verdict),
      seconds('of these: the process starts, reads its baseline', (it) => it.start),
      seconds('of these: the group waits for the dead member', (it) => it.rebalance),
      seconds('of these: the first partition is taken over, its evidence restored', (it) => it.restore),
      seconds('of these: judge and commit', (it) => it.verdict),
      { what: 'records judged again, all partitions', values: all.map(({ remeasured }) => remeasured) },
    ],
  }
}

/** Resolves once a process has committed so many more records. */
async function untilCommitted({ lines, ended }: Running, records: number): Promise<void> {
  const done = () =>
    lines.reduce((sum, { fields }) => sum + (fields['event'] === 'batch' ? Number(fields['records']) : 0), 0)
  const until = done() + records
  let over = false
  void ended.then(() => (over = true))
  while (done() < until) {
    if (over) throw new Error('taster start ended by itself')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
