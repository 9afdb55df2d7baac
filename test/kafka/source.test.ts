import type { Source } from '../../src/core/line.ts'
import type { Opened } from '../../src/engine/desk.ts'
import { loadRegistries } from '../../src/cli/settings.ts'
import { parsePipeline } from '../../src/engine/pipeline.ts'
import { topicsOf } from '../../src/engine/pipeline/topics.ts'
import { setupOf } from '../../src/engine/setup.ts'
import type { Context } from '../../src/kafka/context.ts'
import { openLag } from '../../src/kafka/lag.ts'
import { openReader } from '../../src/kafka/reader.ts'
import { openSource } from '../../src/kafka/source.ts'
import { takeOver } from '../../src/kafka/takeover.ts'
import { openTransactor } from '../../src/kafka/transactor.ts'
import { sinkContract, sourceContract, type Rig } from '../contract/source-contract.ts'
import { clientOf, createTopics, freshName, produceAll, readAll } from './topic.ts'

/** A judge that learns nothing: what is tested here is what stands around it. */
const opened = {
  digest: 'sha256:0',
  manifest: {},
  start: async () => ({
    judge: async () => ({ findings: [], cleared: [], insufficient: [], failed: [] }),
    snapshot: async () => new Uint8Array(),
    close: async () => {},
  }),
  close: async () => {},
} as unknown as Opened

const partition = 1

async function open(): Promise<Rig> {
  const client = clientOf()
  const two = { partitions: 2 }
  const names = await createTopics(client, { in: two, clean: two, held: two, dead: two, state: two, events: {} })
  const pipeline = parsePipeline(
    JSON.stringify({
      name: 'test',
      input: {
        topic: names.in,
        group: freshName('group'),
        fields: { text: 'text', id: 'id' },
        batch: { records: 25, lingerMs: 10 },
      },
      encoder: { 'text-hash': {} },
      output: {
        clean: names.clean,
        quarantine: names.held,
        deadLetter: names.dead,
        state: names.state,
        events: names.events,
      },
    }),
    'test.yaml',
    await loadRegistries(),
  )
  const topics = topicsOf(pipeline)
  const context: Context = {
    client,
    pipeline,
    topics,
    setup: setupOf(pipeline, { digest: 'sha256:0', manifest: {} as never }, '0', 'topic'),
    inputPartitions: 1,
    eventPartitions: 1,
    rebuildEvidence: false,
    rebuilt: new Set(),
    notify: () => {},
    baseline: opened,
    inFlightBytes: () => 2 ** 20,
    confirmed: async () => {},
  }
  const closing = new Map<Source, () => Promise<void>>()
  const values = async (topic: string) =>
    (await readAll(client, topic)).map(({ value }) => Buffer.from(value ?? []).toString())
  return {
    resumes: true,
    visible: 'each-commit',
    put: (given) =>
      produceAll(
        client,
        names.in,
        given.map((value) => ({ value, partition })),
      ),
    async open() {
      const transactor = await openTransactor(client, `${topics.group}.${partition}`, 'none')
      const reader = await openReader(client, names.in, partition, { maxWaitMs: 20 })
      const rules = { records: 25, bytes: 2 ** 20, lingerMs: 10 }
      const taken = await takeOver(context, partition, {
        baseline: opened,
        transactor,
        reader,
        rules,
        rebuild: false,
        deadly: new Set(),
        signal: new AbortController().signal,
      })
      const { journal, from } = taken
      const inFlightBytes = () => 2 ** 20
      const source = openSource(reader, journal, {
        partition,
        from,
        rules,
        inFlightBytes,
        lag: openLag(),
        notify: () => {},
      })
      closing.set(source, async () => {
        await source.close()
        await reader.close()
        await transactor.close()
      })
      return source
    },
    end: async (source) => closing.get(source)?.(),
    written: async () => ({
      pass: await values(names.clean),
      quarantine: await values(names.held),
      'dead-letter': await values(names.dead),
    }),
  }
}

sourceContract('Kafka', open)
sinkContract('Kafka', open)
