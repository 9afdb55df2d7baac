import { expect, it } from 'vitest'
import { openFollower } from '../../src/kafka/follow.ts'
import { deleteBefore } from './operator.ts'
import { clientOf, createTopic, produceAll } from './topic.ts'

const client = clientOf()
const rules = { records: 10, bytes: 1e6, lingerMs: 50 }

it('follows a partition in the batches of a line, and goes on where what it should read is gone', async () => {
  const topic = await createTopic(client, { config: { 'retention.ms': '-1' } })
  const sent = (from: number, to: number) =>
    produceAll(
      client,
      topic,
      Array.from({ length: to - from }, (_, i) => ({ value: String(from + i) })),
    )
  await sent(0, 40)
  await deleteBefore(client, topic, 0, 15)
  const over = new AbortController()
  const troubles: string[] = []
  const behind: bigint[] = []
  const follower = openFollower(
    client,
    { topic, partition: 0, from: 5n },
    {
      rules,
      signal: over.signal,
      fetched: (messages) => void behind.push(messages),
      trouble: ({ code }, afterMs) => void troubles.push(`${code} ${afterMs}`),
    },
  )
  const read: string[] = []
  const sizes: number[] = []
  for await (const { messages } of follower) {
    read.push(...messages.map(({ value }) => Buffer.from(value ?? []).toString()))
    sizes.push(messages.length)
    if (read.length === 25) await sent(40, 48)
    if (read.length === 33) over.abort()
  }
  await follower.close()
  expect(troubles).toEqual(['OFFSET_OUT_OF_RANGE 0'])
  expect(read).toEqual(Array.from({ length: 33 }, (_, i) => String(15 + i)))
  expect(sizes.slice(0, 3)).toEqual([10, 10, 5])
  expect(behind.at(-1)).toBe(0n)
})
