import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { header, type Message } from '../../src/core/message.ts'
import { stateOwner } from '../../src/kafka/state.ts'
import { expectDescribed, textHeaders } from './described.ts'
import { faultyProgram, type FaultyProgram } from './faulty-program.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import {
  createPipelineTopics,
  eventsOf,
  expectExactlyOnce,
  messagesOf,
  pipelineFile,
  points,
  seen,
  verdictsOf,
  type Names,
} from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

const client = clientOf()
const partitions = 2
const batch = 50
let program: FaultyProgram

beforeAll(async () => void (program = await faultyProgram()))
afterAll(killAll)

/** Points, of which some have an id that makes the detector fail. They go to the partitions in turn. */
function stream(count: number, faults: { readonly [at: number]: string }) {
  const rows = points(count, 3).map((row, i) => ({ ...row, id: faults[i] ?? row.id }))
  return messagesOf(rows, partitions)
}

async function pipelineFor(names: Names, group: string): Promise<string> {
  return pipelineFile(names, {
    input: { group, batch: { records: batch, lingerMs: 100 } },
    baseline: { path: program.baseline },
    policy: { deadlineSeconds: 5 },
  })
}

const run = (file: string, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []) =>
  startTaster([file], inject('brokers'), { program: program.main, env, flags })

/** Why messages are held, and how many for each reason. */
function reasonsOf(held: readonly Message[]): { [reason: string]: number } {
  const counts: { [reason: string]: number } = {}
  for (const message of held) {
    const reason = header(message, 'taster-reason') ?? ''
    counts[reason] = (counts[reason] ?? 0) + 1
  }
  return counts
}

const threw = 'DETECTOR_FAILED: faulty: a fault of its own'
const hung = 'DETECTOR_FAILED: faulty: unscored: No judgement within 5 s: faulty was still at work'

it('holds what a detector fails on, tells why, and goes on, also after a kill', { timeout: 300_000 }, async () => {
  const names = await createPipelineTopics(client, partitions)
  const group = freshName('group')
  const file = await pipelineFor(names, group)
  // In partition 0 it throws, hangs and dies; in partition 1 it throws.
  const faults = { 210: 'throw 1', 420: 'hang 1', 640: 'die 1', 1241: 'throw 2' }
  await produceAll(client, names.input, stream(1800, faults))
  const life = run(file, { TASTER_THREADS: '2' })
  await life.logged({ event: 'batch', unscored: true })
  life.kill('SIGKILL')
  await life.ended
  const next = run(file, { TASTER_THREADS: '2' })
  await untilRead(client, group, names.input, next)
  await stopped(next)
  const disturbed = await seen(client, names)
  const counts = expectExactlyOnce(disturbed)
  const events = expectDescribed(disturbed)
  const reasons = reasonsOf(disturbed.quarantine)
  const died = Object.keys(reasons).find((reason) => reason.includes('ended while faulty was at work')) ?? ''
  expect(reasons).toEqual({ [threw]: 2 * batch, [hung]: batch, [died]: batch })
  const degraded = disturbed.events.filter((event) => textHeaders(event)['ce_type'] === 'taster.detector.degraded')
  expect(degraded.map((event) => JSON.parse(String(event.value)).detector)).toEqual(Array(4).fill('faulty'))

  const others = await createPipelineTopics(client, partitions, { input: names.input })
  const calmGroup = freshName('group')
  const calm = run(await pipelineFor(others, calmGroup), { TASTER_THREADS: '1' })
  await untilRead(client, calmGroup, names.input, calm)
  await stopped(calm)
  const undisturbed = await seen(client, others)
  expect(verdictsOf(disturbed)).toEqual(verdictsOf(undisturbed))
  expect(eventsOf(disturbed)).toEqual(eventsOf(undisturbed))
  console.log(JSON.stringify({ ...counts, events: Object.fromEntries(events) }))
})

it('ends after five failures in a row, and loses nothing', { timeout: 300_000 }, async () => {
  const names = await createPipelineTopics(client, partitions)
  const group = freshName('group')
  const file = await pipelineFor(names, group)
  const faults = Object.fromEntries([10, 60, 110, 160, 210, 260, 310].map((at) => [at * 2, `throw ${at}`]))
  await produceAll(client, names.input, stream(3000, faults))
  const { code, err } = await run(file).ended
  expect({ code, err }).toMatchObject({ code: 2 })
  expect(err).toContain('Detector faulty failed 5 batches in a row: a fault of its own')
  expect(err).toContain('[DETECTOR_FAILED]')
  const before = await seen(client, names)
  const repaired = run(file, { TASTER_TEST_REPAIRED: '1' })
  await untilRead(client, group, names.input, repaired)
  await stopped(repaired)
  const after = await seen(client, names)
  const counts = expectExactlyOnce(after)
  expect(reasonsOf(after.quarantine)).toEqual({ [threw]: 5 * batch })
  console.log(JSON.stringify({ code, writtenBefore: before.clean.length + before.quarantine.length, ...counts }))
})

it('makes evidence anew without the batches that end their judge', { timeout: 300_000 }, async () => {
  const names = await createPipelineTopics(client, 1)
  const group = freshName('group')
  const file = await pipelineFor(names, group)
  const rows = points(500, 3).map((row, i) => ({
    ...row,
    id: { 120: 'die 1', 160: 'die 2', 340: 'die 3' }[i] ?? row.id,
  }))
  await produceAll(client, names.input, messagesOf(rows, 1))
  const life = run(file)
  await untilRead(client, group, names.input, life)
  await stopped(life)
  const foreign = { key: `${stateOwner(group, names.input, 0)} entry 0`, value: 'foreign' }
  await produceAll(client, names.state, [foreign])
  const { code, err } = await run(file).ended
  expect({ code, err }).toMatchObject({ code: 2 })
  expect(err).toContain('[STATE_BROKEN]')
  await produceAll(client, names.input, messagesOf(points(100, 4), 1))
  const rebuilt = run(file, {}, ['--rebuild-evidence'])
  const { remeasured } = await rebuilt.logged({ event: 'opened' })
  expect(remeasured).toBe(500 - 3 * batch)
  await untilRead(client, group, names.input, rebuilt)
  await stopped(rebuilt)
  const counts = expectExactlyOnce(await seen(client, names))
  expect(counts['quarantine']).toBe(3 * batch)
  console.log(JSON.stringify({ remeasured, ...counts }))
})
