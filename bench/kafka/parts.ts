import type { Section } from './figures.ts'
import { passTaster, type Bench, type Stream } from './pass.ts'
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
  const streams = new Map<Content, Promise<Stream>>()
  const streamOf = (content: Content) => {
    let stream = streams.get(content)
    if (stream === undefined) streams.set(content, (stream = openStream(bench, content, records)))
    return stream
  }
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
    yield latency(bench, await streamOf(text), { perSecond: textPerSecond / 2, seconds: quick ? 10 : 60 })
  }
  if (only.has('profile')) for (const content of [text, vector]) yield* await profile(bench, await streamOf(content))
  if (only.has('memory') || only.has('recovery')) {
    const options = { records: records * 5, memory: only.has('memory'), recovery: only.has('recovery') }
    yield* await longStream(bench, await streamOf(text), options)
  }
}

async function openStream(bench: Bench, content: Content, records: number): Promise<Stream> {
  bench.note(`${content.name}: fitting a baseline, writing ${records} records`)
  const baseline = await fitBaseline(content, bench.folder)
  const input = await createTopic(bench.client, content.name)
  const { valueBytes } = await fill(bench.client, input, content.records(seed), records)
  return { content, input, records, recordBytes: valueBytes / records, baseline }
}
