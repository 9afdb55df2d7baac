import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import type { User } from '../../broker/security.ts'
import { producible, type Client } from '../../src/kafka/client.ts'
import { compressionOf } from '../../src/kafka/codecs.ts'
import { kafkajs } from '../../src/kafka/load.ts'
import { build } from '../integration/taster.ts'
import { administer, committedBy, configure, deleteTopic, recreateTopic, stopped, untilRead } from './operator.ts'
import { killAll, startTaster, type Process } from './process.ts'
import {
  createPipelineTopics,
  expectExactlyOnce,
  messagesOf,
  pipelineFile,
  points,
  seen,
  until,
  type Seen,
} from './stream.ts'
import { clientOf, freshName, produceAll, type Sent } from './topic.ts'

build()
const folder = mkdtempSync(join(tmpdir(), 'taster-output-'))
let secure: JvmBroker | undefined
afterAll(async () => {
  killAll()
  await secure?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const spaced = (text: string) => text.replaceAll(/\s+/g, ' ')
const sizesOf = ({ clean, quarantine, deadLetter }: Seen) => [clean.length, quarantine.length, deadLetter.length]

async function answer(process: Process, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { url } = await process.logged({ event: 'serving' })
  const response = await fetch(`${String(url)}${path}`)
  return { status: response.status, text: await response.text() }
}

/** How often a process has paused because of an error. */
async function pauses(process: Process, code: string): Promise<number> {
  const { text } = await answer(process, '/metrics')
  return Number(new RegExp(`^taster_retries_total\\{[^}]*code="${code}"[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

/**
 * Waits until a process has tried a partition so often, in vain. However fast the machine, the pauses between (at least
 * 250 ms, doubled each time) leave room for so few tries only.
 */
async function untilTriedInVain(process: Process, code: string, tries: number): Promise<number> {
  const started = performance.now()
  await process.logged({ event: 'aborted', code })
  await until(async () => (await pauses(process, code)) >= tries)
  const tried = await pauses(process, code)
  expect(tried).toBeLessThanOrEqual(2 + Math.log2(1 + (performance.now() - started) / 250))
  await until(async () => (await answer(process, '/readyz')).text.includes(code))
  expect((await answer(process, '/healthz')).status).toBe(200) // it tries, and may come right
  return tried
}

const reasonIn = (process: Process, code: string) =>
  process.lines().find((line) => line['event'] === 'aborted' && line['code'] === code)?.['error']

it.each(['clean', 'state', 'events', 'input'] as const)(
  'says at the start that topic %s is missing',
  async (missing) => {
    const names = { ...(await createPipelineTopics(clientOf(), 1)), [missing]: freshName(`no-${missing}`) }
    const { code, err } = await startTaster([await pipelineFile(names)], inject('brokers')).ended
    expect({ code, err }).toMatchObject({ code: 2 })
    expect(spaced(err)).toMatch(
      new RegExp(`Looking for topic ${names[missing]} failed: .*taster topics <pipeline>.*TOPIC_MISSING`),
    )
  },
)

it('waits for a topic that is deleted while it runs, and goes on', { timeout: 180_000 }, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, 1)
  const group = freshName('group')
  const stream = messagesOf(points(600, 31), 1)
  await produceAll(client, names.input, stream.slice(0, 300))
  const line = startTaster([await pipelineFile(names, { input: { group } })], inject('brokers'))
  await untilRead(client, group, names.input, line)
  const before = await seen(client, names)
  expectExactlyOnce(before)
  await deleteTopic(client, names.clean)
  await produceAll(client, names.input, stream.slice(300))
  const tried = await untilTriedInVain(line, 'TOPIC_MISSING', 1)
  expect(await committedBy(client, group, names.input)).toEqual([300])
  expect(String(reasonIn(line, 'TOPIC_MISSING'))).toContain(`(topic ${names.clean}`)
  await recreateTopic(client, names.clean, 1, { 'retention.ms': '-1' })
  await untilRead(client, group, names.input, line)
  await stopped(line)
  const after = await seen(client, names)
  const counts = expectExactlyOnce({ ...after, clean: [...before.clean, ...after.clean] })
  console.log(JSON.stringify({ fault: 'topic deleted', tried, ...counts, error: reasonIn(line, 'TOPIC_MISSING') }))
})

it('waits where a message is too large for the output, and goes on when it is not', { timeout: 180_000 }, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, 1)
  const keep = { 'retention.ms': '-1' }
  await configure(client, names.clean, { ...keep, 'max.message.bytes': '1100000' })
  const group = freshName('group')
  const stream: Sent[] = messagesOf(points(400, 32), 1)
  const [large = { id: '' }] = points(1, 33)
  stream.splice(230, 0, {
    value: JSON.stringify({ ...large, more: randomBytes(1_600_000).toString('base64') }),
    timestamp: 1.7e12,
  })
  await produceAll(client, names.input, stream)
  const line = startTaster([await pipelineFile(names, { input: { group } })], inject('brokers'))
  const tried = await untilTriedInVain(line, 'MESSAGE_TOO_LARGE', 3)
  // Batches before it may have been in its transaction: of what that held nothing is there.
  const [committed = -1] = await committedBy(client, group, names.input)
  expect(committed).toBeLessThanOrEqual(200)
  expect(sizesOf(await seen(client, names)).reduce((a, b) => a + b, 0)).toBe(committed)
  expect(String(reasonIn(line, 'MESSAGE_TOO_LARGE'))).toMatch(
    new RegExp(`${names.clean}.*raise max.message.bytes of the topic`),
  )
  await configure(client, names.clean, { ...keep, 'max.message.bytes': '12000000' })
  await untilRead(client, group, names.input, line)
  expect((await answer(line, '/readyz')).status).toBe(200)
  await stopped(line)
  const counts = expectExactlyOnce(await seen(client, names))
  console.log(JSON.stringify({ fault: 'too large', tried, ...counts, error: reasonIn(line, 'MESSAGE_TOO_LARGE') }))
})

it('is not stopped by what its producer had compressed', { timeout: 180_000 }, async () => {
  const client = clientOf()
  const names = await createPipelineTopics(client, 1)
  const group = freshName('group')
  const [large = { id: '' }] = points(1, 36)
  const unpacked = ['x'.repeat(9_000_000), 'x'.repeat(30_000_000)].map((more) => JSON.stringify({ ...large, more }))
  const small = { 'retention.ms': '-1', 'max.message.bytes': '1048588' }
  for (const topic of [names.clean, names.deadLetter]) await configure(client, topic, small)
  await produceAll(client, names.input, messagesOf(points(100, 35), 1))
  const producer = client.kafka.producer()
  await producer.connect()
  for (const value of unpacked) {
    const messages = producible([{ value, partition: 0, timestamp: '1700000000000' }])
    await producer.send({ topic: names.input, compression: compressionOf('gzip'), messages })
  }
  await producer.disconnect()
  await produceAll(client, names.input, messagesOf(points(100, 37), 1))
  const line = startTaster([await pipelineFile(names, { input: { group } })], inject('brokers'))
  await untilRead(client, group, names.input, line)
  await stopped(line)
  const counts = expectExactlyOnce(await seen(client, names))
  expect(counts).toMatchObject({ clean: 201, deadLetter: 1 })
  console.log(
    JSON.stringify({
      fault: 'compressed',
      pauses: line.lines().filter(({ event }) => event === 'retrying').length,
      ...counts,
    }),
  )
})

const secret = () => `secret-${randomBytes(9).toString('hex')}`

/** Lets user `line` do something with what is named; `prefixed` with all that begins so. */
async function allow(
  client: Client,
  rights: readonly (readonly [
    type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID',
    name: string,
    operation: 'READ' | 'WRITE' | 'DESCRIBE',
  ])[],
): Promise<void> {
  const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs
  const acl = rights.map(([type, resourceName, operation]) => ({
    principal: 'User:line',
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: AclResourceTypes[type],
    resourceName,
    resourcePatternType: type === 'TRANSACTIONAL_ID' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    operation: AclOperationTypes[operation],
  }))
  await administer(client, (admin) => admin.createAcls({ acl }))
}

it('says what it is not allowed to do, and goes on once it is', { timeout: 240_000 }, async () => {
  const user: User = { mechanism: 'scram-sha-256', username: 'line', password: secret() }
  secure = await startJvmBroker({ security: { users: [user] } })
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, user.password, { mode: 0o600 })
  const env = {
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: secure.secured?.caFile ?? '',
    KAFKA_SASL_MECHANISM: user.mechanism,
    KAFKA_SASL_USERNAME: user.username,
    KAFKA_SASL_PASSWORD_FILE: passwordFile,
  }
  const client = clientOf(secure.brokers)
  const names = await createPipelineTopics(client, 1)
  const group = freshName('group')
  const file = await pipelineFile(names, { input: { group } })
  const begin = () => startTaster([file], secure?.secured?.sasl ?? '', { env })
  const refused = async (says: RegExp) => {
    const { code, err, out } = await begin().ended
    expect({ code, err }).toMatchObject({ code: 2 })
    expect(spaced(err)).toMatch(says)
    expect(err).toContain('[ACCESS_DENIED]')
    expect(err + out).not.toContain(user.password)
  }
  await produceAll(client, names.input, messagesOf(points(300, 34), 1))

  await refused(/Looking for topic/)
  await allow(client, [
    ['TOPIC', names.input, 'READ'],
    ['TOPIC', names.events, 'WRITE'],
    ['TOPIC', names.state, 'READ'],
    ['TOPIC', names.state, 'WRITE'],
    ['TOPIC', names.quarantine, 'WRITE'],
    ['TOPIC', names.deadLetter, 'WRITE'],
  ])
  await refused(new RegExp(`topic ${names.clean} `))
  await allow(client, [['TOPIC', names.clean, 'DESCRIBE']])
  await refused(new RegExp(`group ${group} .*READ on the consumer group`))
  await allow(client, [['GROUP', group, 'READ']])

  // The rest is only seen when it is needed: it is tried again until somebody allows it.
  const line = begin()
  const tried = [await untilTriedInVain(line, 'ACCESS_DENIED', 1)]
  expect(String(reasonIn(line, 'ACCESS_DENIED'))).toMatch(/WRITE and DESCRIBE on transactional ids/)
  await allow(client, [
    ['TRANSACTIONAL_ID', `${group}.`, 'WRITE'],
    ['TRANSACTIONAL_ID', `${group}.`, 'DESCRIBE'],
  ])
  await line.logged({ event: 'opened' })
  await until(async () => (await pauses(line, 'ACCESS_DENIED')) > (tried[0] ?? 0) + 1)
  tried.push(await pauses(line, 'ACCESS_DENIED'))
  const reasons = line.lines().filter(({ event }) => event === 'aborted')
  expect(reasons.map(({ code }) => code)).toEqual(['ACCESS_DENIED', 'ACCESS_DENIED'])
  expect(String(reasons[1]?.['error'])).toContain(`(topic ${names.clean}, partition 0)`)
  const denied = await seen(client, names)
  expect(sizesOf(denied)).toEqual([0, 0, 0])
  expect(await committedBy(client, group, names.input)).toEqual([0])
  await allow(client, [['TOPIC', names.clean, 'WRITE']])
  await untilRead(client, group, names.input, line)
  await stopped(line)
  const counts = expectExactlyOnce(await seen(client, names))
  console.log(JSON.stringify({ fault: 'access denied', tried, ...counts }))
})
