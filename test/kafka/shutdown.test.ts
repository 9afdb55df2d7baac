import { afterAll, expect, inject, it } from 'vitest'
import { build } from '../integration/taster.ts'
import { countOf, expectAsUndisturbed, isBatch, partitionsOf, untilLogged } from './members.ts'
import { administer, stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { createPipelineTopics, expectExactlyOnce, messagesOf, pipelineFile, points, seen, until } from './stream.ts'
import { clientOf, createTopic, freshName, produceAll } from './topic.ts'

// Batches are closed by count alone, so that they are the same whenever records come.
const rules = { input: { batch: { records: 20, lingerMs: 3_600_000 } }, output: { snapshotEvery: 400 } }

build()
afterAll(killAll)

it('finishes the batch in hand and leaves the group when it is told to end', async () => {
  const [partitions, records] = [4, 8000]
  const client = clientOf()
  const names = await createPipelineTopics(client, partitions)
  const group = freshName('handover')
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group } })
  // Whoever did not leave would keep its partitions for longer than this test may take.
  const env = { KAFKA_SESSION_TIMEOUT_MS: '1800000' }
  const members = [
    startTaster([file], inject('brokers'), { env }),
    startTaster([file], inject('brokers'), { env }),
  ] as const
  const [leaver, heir] = members
  await until(async () => members.every((member) => partitionsOf(member).length === partitions / 2))
  const held = partitionsOf(leaver)
  for (const partition of held)
    await untilLogged(leaver, 0, (line) => line['event'] === 'opened' && line['partition'] === partition)

  await produceAll(client, names.input, messagesOf(points(records, 13, records / 2), partitions))
  await untilLogged(leaver, 0, isBatch)
  await stopped(leaver)
  await untilRead(client, group, names.input, heir)
  await stopped(heir)

  // Where the one ended the other begins: nothing was begun and given up.
  let finished = 0
  for (const partition of held) {
    const of = (line: { readonly [name: string]: unknown }) => line['partition'] === partition
    const last = leaver.lines().findLast((line) => isBatch(line) && of(line))
    const opened = heir.lines().findLast((line) => line['event'] === 'opened' && of(line))
    expect(opened?.['offset']).toBe(last === undefined ? '0' : String(Number(last['to']) + 1))
    finished += Number(opened?.['offset'])
  }
  expect(countOf(members, ({ event }) => event === 'aborted')).toBe(0)
  const counts = await expectAsUndisturbed(client, inject('brokers'), names, rules)
  expect(counts).toMatchObject({ input: records })
  console.log(JSON.stringify({ test: 'handover', byTheFirst: finished, ...counts }))
})

it('runs several pipelines in one process', async () => {
  const [partitions, records] = [2, 4000]
  const client = clientOf()
  // One topic for the evidence of both, and one for their events.
  const state = await createTopic(client, { partitions, config: { 'cleanup.policy': 'compact' } })
  const events = await createTopic(client)
  const pipelines = await Promise.all(
    ['first', 'second'].map(async (name, i) => {
      const names = await createPipelineTopics(client, partitions, { state, events })
      const group = freshName(name)
      const file = await pipelineFile(names, { ...rules, name, input: { ...rules.input, group } })
      const messages = messagesOf(points(records, 20 + i, records / 2), partitions)
      return { names, group, file, messages }
    }),
  )
  const files = pipelines.map(({ file }) => file)
  const [share, lives] = [records / 4, { killed: 0, ended: 0 }]
  for (let life = 0; life < 4; life++) {
    const taster = startTaster(files, inject('brokers'))
    const whole = Promise.all(
      pipelines.map(async ({ names, messages }) =>
        produceAll(client, names.input, messages.slice(life * share, (life + 1) * share)),
      ),
    )
    for (const pipeline of ['first', 'second'])
      await untilLogged(taster, 0, (line) => isBatch(line) && line['pipeline'] === pipeline)
    await whole
    if (life < 3) {
      taster.kill('SIGKILL')
      await taster.ended
      lives.killed++
      continue
    }
    for (const { names, group } of pipelines) await untilRead(client, group, names.input, taster)
    await stopped(taster)
    lives.ended++
  }
  for (const { names } of pipelines) {
    const counts = expectExactlyOnce(await seen(client, names))
    expect(counts).toMatchObject({ input: records })
    console.log(JSON.stringify({ test: 'several pipelines', ...lives, ...counts }))
  }
})

it('takes up partitions that are added while it runs, once its outputs have them too', async () => {
  const [before, after, records] = [2, 4, 4000]
  const client = clientOf()
  const names = await createPipelineTopics(client, before)
  const group = freshName('growth')
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group, from: 'latest' } })
  const env = { KAFKA_METADATA_MAX_AGE_MS: '1000' }
  const members = [
    startTaster([file], inject('brokers'), { env }),
    startTaster([file], inject('brokers'), { env }),
  ] as const
  // Both are at work: one that starts while outputs have fewer partitions refuses to.
  for (const member of members) await until(async () => countOf([member], ({ event }) => event === 'opened') > 0)
  for (const partition of [0, 1])
    await until(
      async () => countOf(members, (line) => line['event'] === 'opened' && line['partition'] === partition) > 0,
    )

  const grow = (topic: string) =>
    administer(client, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: after }] }))
  const messages = messagesOf(points(records, 30, records / 2), after)
  await grow(names.input)
  // The records of the new partitions are there before anybody knows of them.
  await produceAll(client, names.input, messages.slice(0, records / 2))
  await until(async () => countOf(members, (line) => line['event'] === 'retrying' && line['partition'] === 2) > 0)
  for (const topic of [names.state, names.clean, names.quarantine, names.deadLetter]) await grow(topic)
  await produceAll(client, names.input, messages.slice(records / 2))
  await untilRead(client, group, names.input, members[0])
  for (const member of members) await stopped(member)

  const counts = expectExactlyOnce(await seen(client, names))
  expect(counts).toMatchObject({ input: records })
  const opened = countOf(members, ({ event }) => event === 'opened')
  console.log(JSON.stringify({ test: 'growth', opened, ...counts }))
})
