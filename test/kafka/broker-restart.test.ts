import { afterAll, beforeAll, expect, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import { build } from '../integration/taster.ts'
import { countOf, expectAsUndisturbed, isBatch, untilLogged } from './members.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points, until } from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

const partitions = 2
const records = 12_000
const restarts = 6
// Batches are closed by count alone, so that they are the same whenever records come.
const rules = { input: { batch: { records: 20, lingerMs: 3_600_000 } }, output: { snapshotEvery: 400 } }

let broker: JvmBroker
beforeAll(async () => {
  build()
  broker = await startJvmBroker()
})
afterAll(async () => {
  killAll()
  await broker?.stop()
})

it(`goes on by itself when the broker is away at its start, and killed ${restarts} times under it`, async () => {
  const { brokers } = broker
  const client = clientOf(brokers)
  const group = freshName('restarts')
  const names = await createPipelineTopics(client, partitions)
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group } })
  const messages = messagesOf(points(records, 9, records / 2), partitions)
  const share = records / restarts

  await broker.kill()
  const taster = startTaster([file], brokers)
  await taster.logged({ event: 'retrying', partition: null })
  await broker.restart()
  await taster.logged({ event: 'opened' })

  for (let restart = 0; restart < restarts; restart++) {
    const lines = taster.lines().length
    await produceAll(client, names.input, messages.slice(restart * share, (restart + 1) * share))
    await untilLogged(taster, lines, isBatch)
    await broker.kill()
    // Away for a while, or back before its absence has led to more than requests that are sent again.
    if (restart % 2 === 0) await untilLogged(taster, lines, ({ event }) => event === 'retrying')
    await broker.restart()
    await untilLogged(taster, taster.lines().length, isBatch)
  }
  await untilRead(client, group, names.input, taster)
  await stopped(taster)

  const counts = await expectAsUndisturbed(client, brokers, names, rules)
  expect(counts).toMatchObject({ input: records })
  const [aborted, joined] = ['aborted', 'joined'].map((name) => countOf([taster], ({ event }) => event === name))
  console.log(JSON.stringify({ restarts, aborted, joined, ...counts }))
})

it('ends when it is told to, though the broker is away', async () => {
  const client = clientOf(broker.brokers)
  const names = await createPipelineTopics(client, partitions)
  const file = await pipelineFile(names, rules)
  const taster = startTaster([file], broker.brokers)
  await produceAll(client, names.input, messagesOf(points(2000, 10), partitions))
  await untilLogged(taster, 0, isBatch)
  await broker.kill()
  taster.kill('SIGTERM')
  expect((await taster.ended).code).toBe(0)
  await broker.restart()
})

it('ends at once when it is told to a second time', async () => {
  const client = clientOf(broker.brokers)
  const names = await createPipelineTopics(client, partitions)
  const taster = startTaster([await pipelineFile(names, rules)], broker.brokers)
  await produceAll(client, names.input, messagesOf(points(2000, 10), partitions))
  await untilLogged(taster, 0, isBatch)
  process.kill(broker.pid, 'SIGSTOP') // what is in hand cannot be finished now
  let over = false
  void taster.ended.then(() => (over = true))
  await until(async () => {
    if (!over) taster.kill('SIGTERM')
    return over
  })
  process.kill(broker.pid, 'SIGCONT')
  expect((await taster.ended).code).toBe(143)
})
