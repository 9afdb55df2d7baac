import { afterAll, expect, inject, it } from 'vitest'
import { build } from '../integration/taster.ts'
import { countOf, expectAsUndisturbed, isBatch, partitionsOf, untilLogged, wasFenced } from './members.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points, until } from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

const partitions = 4
const records = 12_000
const stops = 6
const group = freshName('zombies')
// Batches are closed by count alone, so that they are the same whenever records come.
const rules = { input: { batch: { records: 20, lingerMs: 3_600_000 } }, output: { snapshotEvery: 400 } }

build()
afterAll(killAll)

it(`repeats nothing when a member stops for longer than its session ${stops} times`, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, partitions)
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group } })
  const messages = messagesOf(points(records, 6, records / 2), partitions)
  const members = [startTaster([file], inject('brokers')), startTaster([file], inject('brokers'))] as const
  const shared = () => until(async () => members.every((member) => partitionsOf(member).length === partitions / 2))

  const share = records / stops
  for (let stop = 0; stop < stops; stop++) {
    await shared()
    const [zombie, other] = stop % 2 === 0 ? members : ([members[1], members[0]] as const)
    const [zombieLines, otherLines] = [zombie.lines().length, other.lines().length]
    const held = partitionsOf(zombie)
    await produceAll(client, names.input, messages.slice(stop * share, (stop + 1) * share))
    await untilLogged(zombie, zombieLines, isBatch)
    zombie.kill('SIGSTOP')
    // The other member is given everything, and takes over what the zombie held.
    await untilLogged(other, otherLines, () => partitionsOf(other).length === partitions)
    for (const partition of held)
      await untilLogged(other, otherLines, (line) => line['event'] === 'opened' && line['partition'] === partition)
    const lines = zombie.lines().length
    zombie.kill('SIGCONT')
    await untilLogged(zombie, lines, (line) => line['event'] === 'joined')
  }
  await untilRead(client, group, names.input, members[0])
  for (const member of members) await stopped(member)

  const counts = await expectAsUndisturbed(client, inject('brokers'), names, rules)
  expect(counts).toMatchObject({ input: records })
  const joined = countOf(members, ({ event }) => event === 'joined')
  console.log(JSON.stringify({ stops, joined, fenced: countOf(members, wasFenced), ...counts }))
})
