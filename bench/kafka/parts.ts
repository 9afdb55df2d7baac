import type { Section } from './figures.ts'
import type { Bench, Stream } from './pass.ts'
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
export async function* runParts(bench: Bench, { only, records, runs }: Wanted): AsyncGenerator<Section> {
  const streams = new Map<Content, Promise<Stream>>()
  const streamOf = (content: Content) => {
    let stream = streams.get(content)
    if (stream === undefined) streams.set(content, (stream = openStream(bench, content, records)))
    return stream
  }
  for (const content of [text, vector]) {
    if (!only.has(content.name) && !only.has('floor')) continue
    const { section } = await throughput(bench, await streamOf(content), { runs, taster: only.has(content.name) })
    yield section
  }
  if (only.has('profile')) for (const content of [text, vector]) yield* await profile(bench, await streamOf(content))
}

async function openStream(bench: Bench, content: Content, records: number): Promise<Stream> {
  bench.note(`${content.name}: fitting a baseline, writing ${records} records`)
  const baseline = await fitBaseline(content, bench.folder)
  const input = await createTopic(bench.client, content.name)
  const { valueBytes } = await fill(bench.client, input, content.records(seed), records)
  return { content, input, records, recordBytes: valueBytes / records, baseline }
}
