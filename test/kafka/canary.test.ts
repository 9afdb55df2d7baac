import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { header } from '../../src/core/message.ts'
import { build } from '../integration/taster.ts'
import { command } from './command.ts'
import { expectDescribed } from './described.ts'
import { administer, committedBy, stopped, untilRead } from './operator.ts'
import { killAll, startTaster, type Process } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points, seen, until, type Names, type Seen } from './stream.ts'
import { clientOf, freshName, produceAll, readAll } from './topic.ts'

build()
afterAll(killAll)

const client = clientOf()
const records = 6000
const group = freshName('group')
const key = 'a key of sixteen bytes'
const asked = ['--rate', '.05', '--batches', '10', '--share', '.9']
let names: Names
let file: string
let live: Seen
let offsets: readonly number[]
let state: number

const canaryEvents = async () =>
  (await readAll(client, names.events)).filter((event) => header(event, 'ce_type') === 'taster.canary.finished')

function follow(...flags: string[]): Process {
  const env = { TASTER_CANARY_KEY: key }
  return startTaster([file, ...asked, ...flags], inject('brokers'), { command: 'canary', env })
}

beforeAll(async () => {
  names = await createPipelineTopics(client, 2)
  file = await pipelineFile(names, { name: 'poisoned', input: { group } })
  await produceAll(client, names.input, messagesOf(points(records, 31, 4000), 2))
  const line = startTaster([file], inject('brokers'))
  await untilRead(client, group, names.input, line)
  await stopped(line)
  live = await seen(client, names)
  offsets = await committedBy(client, group, names.input)
  state = (await readAll(client, names.state)).length
})

it('follows a topic, tells what becomes of poisons, and touches nothing else', async () => {
  const canary = follow('--from', '2001-01-01')
  await canary.logged({ event: 'canary', caught: true })
  await until(async () => (await canaryEvents()).length > 5)
  const url = String((await canary.logged({ event: 'serving' }))['url'])
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/^taster_canary_trials_total\{pipeline="poisoned",attack="source-flips"\} \d/m)
  expect(metrics).toMatch(/^taster_canary_recall\{pipeline="poisoned",attack="[a-z-]+"\} [01]/m)
  expect(metrics).toMatch(/^taster_canary_always_fire_delay_records_count\{pipeline="poisoned",/m)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  await stopped(canary)
  const { out, err } = await canary.ended
  expect(out + err).not.toContain(key)

  const after = await seen(client, names)
  const { events, ...others } = after
  const { events: before, ...othersBefore } = live
  expect(others).toEqual(othersBefore)
  expect(events.filter((event) => header(event, 'ce_type') !== 'taster.canary.finished')).toEqual(before)
  expect(expectDescribed(after).get('taster.canary.finished')).toBeGreaterThan(5)
  expect(await committedBy(client, group, names.input)).toEqual(offsets)
  expect((await readAll(client, names.state)).length).toBe(state)
  const groups = await administer(client, (admin) => admin.listGroups())
  expect(groups.groups.filter(({ groupId }) => groupId.includes('poisoned'))).toEqual([])
})

it('follows what comes from now on, unless told otherwise', async () => {
  const before = (await canaryEvents()).length
  const canary = follow()
  await canary.logged({ event: 'following' })
  await produceAll(client, names.input, messagesOf(points(3000, 77), 2))
  await until(async () => (await canaryEvents()).length > before)
  const fresh = (await canaryEvents()).slice(before)
  for (const event of fresh) {
    const { from } = JSON.parse(Buffer.from(event.value ?? []).toString()) as { from: { offset: string } }
    expect(Number(from.offset)).toBeGreaterThanOrEqual(records / 2)
  }
  await stopped(canary)
})

it('reads a range once, and tells nobody but the one who asked', async () => {
  const before = (await canaryEvents()).length
  const { code, out } = await command(['canary', '-p', file, ...asked, '--to', '2100-01-01', '--json'])
  const { stream, all } = JSON.parse(out) as { stream: { records: number }; all: { trials: number; caught: number } }
  expect(code).toBe(0)
  expect(stream.records).toBe(records + 3000)
  expect(all.trials).toBeGreaterThan(5)
  expect(all.caught).toBeGreaterThan(0)
  expect((await canaryEvents()).length).toBe(before)
})

it('ends with the remedy where the events topic is missing', async () => {
  const missing = await pipelineFile({ ...names, events: freshName('events') }, { name: 'poisoned' })
  const { code, err } = await command(['canary', missing])
  expect(err).toMatch(/TOPIC_MISSING/)
  expect(code).toBe(2)
})
