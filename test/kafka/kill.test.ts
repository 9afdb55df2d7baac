import { afterAll, expect, inject, it } from 'vitest'
import { random } from '../../src/stats/random.ts'
import { build } from '../integration/taster.ts'
import { expectAsUndisturbed } from './members.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points } from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

const records = 20_000
const kills = 100
const partitions = 2
const group = freshName('killed')

build()
afterAll(killAll)

it(`loses, changes and repeats nothing when it is killed ${kills} times`, { timeout: 1_200_000 }, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, partitions)
  const messages = messagesOf(points(records, 5, records / 2), partitions)
  const rules = { input: { batch: { records: 20, lingerMs: 50 } }, output: { snapshotEvery: 300 } }
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group } })
  const uniform = random(11)
  const share = Math.ceil(records / kills)
  const lives = { killed: 0, before: 0, opened: 0, working: 0 }

  for (let kill = 0; kill < kills; kill++) {
    await produceAll(client, names.input, messages.slice(kill * share, (kill + 1) * share))
    const life = startTaster([file], inject('brokers'))
    // Some die while they start, join or restore; most while they judge and write.
    const when = uniform()
    if (when > 0.15) await life.logged({ event: when > 0.5 ? 'batch' : 'opened' })
    await new Promise((resolve) => setTimeout(resolve, uniform() * (when > 0.15 ? 120 : 1500)))
    life.kill('SIGKILL')
    await life.ended
    lives.killed++
    const lines = life.lines()
    if (lines.some(({ event }) => event === 'batch')) lives.working++
    else if (lines.some(({ event }) => event === 'opened')) lives.opened++
    else lives.before++
  }
  const last = startTaster([file], inject('brokers'))
  await untilRead(client, group, names.input, last)
  await stopped(last)
  const counts = await expectAsUndisturbed(client, inject('brokers'), names, rules)
  expect(counts['input']).toBe(records)
  console.log(JSON.stringify({ ...lives, ...counts }))
})
