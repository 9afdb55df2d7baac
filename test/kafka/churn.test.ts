import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, inject, it } from 'vitest'
import { random } from '../../src/stats/random.ts'
import { build } from '../integration/taster.ts'
import { countOf, expectAsUndisturbed, isBatch, partitionsOf, untilLogged, wasFenced } from './members.ts'
import { committedBy, endsOf, stopped, untilRead } from './operator.ts'
import { killAll, startTaster, type Process } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points, until } from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

const partitions = 4
const records = 16_000
const lives = 50
const atOnce = 3
const group = freshName('churn')
// Batches are closed by count alone, so that they are the same whenever records come.
const rules = { input: { batch: { records: 20, lingerMs: 3_600_000 } }, output: { snapshotEvery: 400 } }

build()
afterAll(killAll)

it(`repeats nothing when members join and leave ${lives} times`, { timeout: 1_200_000 }, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, partitions)
  const file = await pipelineFile(names, { ...rules, input: { ...rules.input, group } })
  const messages = messagesOf(points(records, 8, records / 2), partitions)
  const uniform = random(12)
  const share = records / lives
  const members: Process[] = []
  const present = new Set<Process>() // members that have joined and were not told to end
  const counts = { left: 0, killed: 0, starting: 0, worked: 0 }

  /** Resolves once a member has worked, or nothing is left for it to do. */
  const untilUseful = (member: Process) =>
    until(async () => {
      if (member.lines().some(isBatch)) return true
      const [committed, ends] = [await committedBy(client, group, names.input), await endsOf(client, names.input)]
      return committed.every((offset, partition) => offset === ends[partition])
    })

  /** One life after another, while others are led beside it. */
  const lead = async () => {
    while (members.length < lives) {
      const life = members.length
      const member = startTaster([file], inject('brokers'))
      members.push(member)
      const fed = produceAll(client, names.input, messages.slice(life * share, (life + 1) * share))
      const [early, hasty, killed] = [uniform() < 0.1, uniform() < 0.2, uniform() < 0.15]
      if (!early) await untilLogged(member, 0, () => partitionsOf(member).length > 0)
      if (!early) present.add(member)
      await fed
      if (!early && !hasty) await untilUseful(member)
      // None leaves before another has come, so that partitions change hands all the time.
      if (!early) await until(async () => present.size > 1 || members.length === lives)
      present.delete(member)
      await sleep(uniform() * (early ? 1500 : 300))
      if (early || killed) {
        member.kill('SIGKILL')
        await member.ended
        counts.killed++
        if (early) counts.starting++
      } else {
        await stopped(member)
        counts.left++
      }
      if (member.lines().some(isBatch)) counts.worked++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lead))

  const last = startTaster([file], inject('brokers'))
  await last.logged({ event: 'joined' })
  await untilRead(client, group, names.input, last)
  await stopped(last)
  const out = await expectAsUndisturbed(client, inject('brokers'), names, rules)
  expect(out).toMatchObject({ input: records })
  const joined = countOf(members, ({ event }) => event === 'joined')
  console.log(JSON.stringify({ lives, ...counts, joined, fenced: countOf(members, wasFenced), ...out }))
})
