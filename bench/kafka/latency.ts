import type { Section } from './figures.ts'
import { heldBy, stop, type Bench, type Judged } from './pass.ts'
import { openLine } from './pipeline.ts'
import { startScript } from './processes.ts'
import { scrape } from './scrape.ts'
import { createTopic, deleteTopics, openProgress, total } from './topics.ts'

const warmUpSeconds = 10
const batchRecords = 100

/** How long a record takes from its append to the output topic where a reader finds it, at a steady load. */
export async function latency(
  bench: Bench,
  { content, baseline }: Judged,
  options: { readonly perSecond: number; readonly seconds: number },
): Promise<Section> {
  const { client, folder, note } = bench
  const perSecond = Math.floor(options.perSecond)
  const count = perSecond * (options.seconds + warmUpSeconds)
  const brokers = client.connection.brokers.join(',')
  const input = await createTopic(client, 'steady')
  const line = await openLine(client, content, { folder, baseline, input })
  const running = line.start()
  await running.told({ event: 'opened', partition: 3 })
  const { fields } = await running.told({ event: 'serving' })
  const producer = startScript('./steady.js', [brokers, input, String(perSecond), String(count)])
  await producer.told({ event: 'ready' })
  const { clean, quarantine, deadLetter } = line.outputs
  const since = Date.now() + warmUpSeconds * 1000
  const reader = startScript('./arrivals.js', [brokers, String(since), clean, quarantine, deadLetter])
  const sent = await producer.told({ event: 'sent' })
  const progress = await openProgress(client, line.group, input)
  while (total(await progress.committed()) < count) await new Promise((resolve) => setTimeout(resolve, 100))
  await progress.close()
  await reader.told({ event: 'arrived', arrived: count })
  const metrics = await scrape(`${String(fields['url'])}/metrics`)
  await stop(reader)
  const delays = await reader.told({ event: 'delays' })
  const held = heldBy(running)
  await stop(running)
  await line.remove()
  await deleteTopics(client, [input])

  const of = `{pipeline="bench-${content.name}"}`
  const batchMs =
    (1000 * (metrics.get(`taster_batch_duration_seconds_sum${of}`) ?? NaN)) /
    (metrics.get(`taster_batch_duration_seconds_count${of}`) ?? NaN)
  const ms = (what: string, value: unknown) => ({ what, values: [Number(value)], unit: 'ms' })
  note(`latency: ${String(delays.fields['messages'])} records arrived, ${held} held back`)
  return {
    title: `Latency: ${content.name}, from append to verdict`,
    setting:
      `a producer that appends every 10 ms, half of the load that the line carries; ${options.seconds} s after ${warmUpSeconds} s of warm-up; ` +
      'arrival at a read_committed reader of the output topics, less the time of the append; default batches and linger',
    figures: [
      { what: 'load', values: [Number(sent.fields['perSecond'])], unit: 'records/s' },
      ms('p50', delays.fields['p50']),
      ms('p99', delays.fields['p99']),
      ms('longest', delays.fields['most']),
      ms('of these: until a batch has its records, at most', (1000 * batchRecords * 4) / perSecond),
      ms('of these: from its last record to its commit, mean', batchMs),
      ms('longest append of the producer', sent.fields['behind']),
    ],
  }
}
