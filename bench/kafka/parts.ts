import type { Section } from './figures.ts'
import { passTaster, type Bench, type Judged, type Stream } from './pass.ts'
import { latency } from './latency.ts'
import { longStream } from './memory.ts'
import { fitBaseline } from './pipeline.ts'
import { profile } from './profile.ts'
import { text, vector, type Content } from './records.ts'
import { throughput } from './throughput.ts'
import { createTopic, fill } from './topics.ts'

export const parts = ['floor', 'text', 'vector', 'latency', 'memory', 'recovery', 'profile'] as const
export type Part = (typeof parts)[number]

export interface Wanted {
  readonly only: ReadonlySet<Part>
  readonly records: number // of one pass
  readonly runs: number
  readonly quick: boolean
}

const seed = 7

/** Runs what is wanted, and gives each section as it is done. */
export async function* runParts(bench: Bench, wanted: Wanted): AsyncGenerator<Section> {
  const { only, records, runs, quick } = wanted
  const judgedBy = once((content) => judgedByBaseline(bench, content))
  const streamOf = once(async (content) => openStream(bench, await judgedBy(content), records))
  let textPerSecond: number | undefined
  for (const content of [text, vector]) {
    if (!only.has(content.name) && !only.has('floor')) continue
    const options = { runs, taster: only.has(content.name) }
    const { section, perSecond } = await throughput(bench, await streamOf(content), options)
    if (content === text && options.taster) textPerSecond = perSecond
    yield section
  }
  if (only.has('latency')) {
    textPerSecond ??= (await passTaster(bench, await streamOf(text))).perSecond
    yield latency(bench, await judgedBy(text), { perSecond: textPerSecond / 2, seconds: quick ? 10 : 60 })
  }
  if (only.has('profile')) for (const content of [text, vector]) yield* await profile(bench, await streamOf(content))
  if (only.has('memory') || only.has('recovery')) {
    const options = { records: records * 5, memory: only.has('memory'), recovery: only.has('recovery') }
    yield* await longStream(bench, await judgedBy(text), options)
  }
}

function once<T>(make: (content: Content) => Promise<T>): (content: Content) => Promise<T> {
  const made = new Map<Content, Promise<T>>()
  return (content) => {
    const it = made.get(content) ?? make(content)
    made.set(content, it)
    return it
  }
}

async function judgedByBaseline(bench: Bench, content: Content): Promise<Judged> {
  bench.note(`${content.name}: fitting a baseline`)
  return { content, baseline: await fitBaseline(content, bench.folder) }
}

async function openStream(bench: Bench, judged: Judged, records: number): Promise<Stream> {
  const { content } = judged
  bench.note(`${content.name}: writing ${records} records`)
  const input = await createTopic(bench.client, content.name)
  const { valueBytes } = await fill(bench.client, input, content.records(seed), records)
  return { ...judged, input, records, recordBytes: valueBytes / records }
}
