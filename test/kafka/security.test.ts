import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import type { Secured, User } from '../../broker/security.ts'
import type { TasterError } from '../../src/core/errors.ts'
import { header } from '../../src/core/message.ts'
import { openClient, type Client } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import { kafkaFailure } from '../../src/kafka/failure.ts'
import { kafkajs } from '../../src/kafka/load.ts'
import { openReader } from '../../src/kafka/reader.ts'
import { build } from '../integration/taster.ts'
import { stopped } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { messagesOf, pipelineFile, points } from './stream.ts'
import { clientOf, createTopics, freshName, produceAll, readAll } from './topic.ts'

const secret = () => `secret-${randomBytes(9).toString('hex')}`
const allowed: readonly User[] = [
  { mechanism: 'plain', username: 'line-plain', password: secret() },
  { mechanism: 'scram-sha-256', username: 'line-256', password: secret() },
  { mechanism: 'scram-sha-512', username: 'line-512', password: secret() },
]
const watcher: User = { mechanism: 'scram-sha-256', username: 'watcher', password: secret() } // reads, and tells
const stranger: User = { mechanism: 'scram-sha-512', username: 'stranger', password: secret() }
const chief: User = { mechanism: 'plain', username: 'chief', password: secret() }

const folder = mkdtempSync(join(tmpdir(), 'taster-security-'))
const group = freshName('group')
let broker: JvmBroker
let secured: Secured
let topics: Record<'input' | 'output' | 'closed', string>

/** What the environment of a process would hold; the password in a file, as orchestrators pass secrets. */
function environment({ mechanism, username, password }: User): Record<string, string> {
  const file = join(folder, `${username}-${password}`)
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return {
    KAFKA_BROKERS: secured.sasl,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: secured.caFile,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD_FILE: file,
  }
}

const clientFor = (user: User) => openClient(connectionFrom(environment(user)))

const { AclResourceTypes, ResourcePatternTypes, AclOperationTypes, AclPermissionTypes } = kafkajs
const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes
const { READ, WRITE, DESCRIBE } = AclOperationTypes
type Right = readonly [
  resource: typeof TOPIC | typeof GROUP | typeof TRANSACTIONAL_ID,
  name: string,
  operation: typeof READ | typeof WRITE | typeof DESCRIBE,
]

/** What a line needs of these topics. */
const rightsOfLine = (): readonly Right[] => [
  [TOPIC, topics.input, READ],
  [TOPIC, topics.output, WRITE],
  [GROUP, group, READ],
  [TRANSACTIONAL_ID, `${group}.`, WRITE],
  [TRANSACTIONAL_ID, `${group}.`, DESCRIBE],
]

async function allow(principals: readonly string[], rights: readonly Right[]): Promise<void> {
  const acl = principals.flatMap((principal) =>
    rights.map(([resourceType, resourceName, operation]) => ({
      principal: `User:${principal}`,
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
      resourceType,
      resourceName,
      resourcePatternType:
        resourceType === TRANSACTIONAL_ID ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      operation,
    })),
  )
  const admin = clientOf(broker.brokers).kafka.admin()
  await admin.connect()
  await admin.createAcls({ acl })
  await admin.disconnect()
}

/** The TasterError that work ends with. */
async function failureOf(work: Promise<unknown>): Promise<TasterError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => kafkaFailure(error, 'Working'),
  )
  if (outcome === undefined) throw new Error('it did not fail')
  return outcome
}

async function connected(client: Client): Promise<void> {
  const admin = client.kafka.admin()
  try {
    await admin.connect()
  } finally {
    await admin.disconnect()
  }
}

beforeAll(async () => {
  broker = await startJvmBroker({ security: { users: [...allowed, watcher, stranger, chief], superUsers: ['chief'] } })
  if (broker.secured === null) throw new Error('the broker is not secured')
  secured = broker.secured
  const open = clientOf(broker.brokers)
  topics = await createTopics(open, { input: {}, output: {}, closed: {} })
  await produceAll(open, topics.input, [{ value: 'one' }, { value: 'two' }])
  await allow([...allowed.map(({ username }) => username), 'CN=client'], rightsOfLine())
})

build()
afterAll(async () => {
  killAll()
  await broker?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What the line does on Kafka, with the rights that it needs and no others. */
async function passThrough(client: Client): Promise<void> {
  const reader = await openReader(client, topics.input, 0)
  const { messages, next } = await reader.fetch(0n)
  await reader.close()
  expect(messages).toHaveLength(2)
  const producer = client.kafka.producer({
    transactionalId: `${group}.${topics.input}.0`,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: topics.output, messages: [{ value: 'passed', partition: 0 }] })
  await transaction.sendOffsets({
    consumerGroupId: group,
    topics: [{ topic: topics.input, partitions: [{ partition: 0, offset: String(next) }] }],
  })
  await transaction.commit()
  await producer.disconnect()
}

describe('TLS with SASL', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('lets a user in by %s', async (mechanism) => {
    const user = allowed.find((one) => one.mechanism === mechanism) ?? stranger
    const before = await readAll(clientOf(broker.brokers), topics.output)
    await passThrough(clientFor(user))
    expect(await readAll(clientOf(broker.brokers), topics.output)).toHaveLength(before.length + 1)
  })

  it('lets a super user do everything', async () => {
    const client = clientFor(chief)
    const created = await createTopics(client, { chief: {} })
    await produceAll(client, created.chief, [{ value: 'yes' }])
    expect(await readAll(client, created.chief)).toHaveLength(1)
  })

  it.each([...allowed, stranger])('refuses a wrong password for $username, and shows none', async (user) => {
    const wrong = { ...user, password: secret() }
    const said: string[] = []
    const client = openClient(connectionFrom(environment(wrong)), (_level, message, detail) =>
      said.push(message, JSON.stringify(detail)),
    )
    const failure = await failureOf(connected(client))
    expect(failure.code).toBe('ACCESS_DENIED')
    expect(failure.message).toMatch(/KAFKA_SASL_/)
    for (let cause: unknown = failure; cause instanceof Error; cause = cause.cause)
      said.push(cause.message, cause.stack ?? '')
    expect(said.join('\n')).not.toContain(wrong.password)
    expect((await failureOf(openReader(client, topics.input, 0))).code).toBe('ACCESS_DENIED')
  })

  it('refuses a mechanism that is not the one of the user', async () => {
    const failure = await failureOf(connected(clientFor({ ...stranger, mechanism: 'plain' })))
    expect(failure.code).toBe('ACCESS_DENIED')
  })
})

describe('TLS', () => {
  it('lets a client certificate in', async () => {
    const env = { KAFKA_BROKERS: secured.mutual, KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: secured.caFile }
    const files = { KAFKA_SSL_CERT_FILE: secured.certFile, KAFKA_SSL_KEY_FILE: secured.keyFile }
    await passThrough(openClient(connectionFrom({ ...env, ...files })))
    const without = await failureOf(connected(openClient(connectionFrom(env))))
    expect(without.code).toBe('BROKER_UNAVAILABLE')
  })

  it('trusts no certificate that nobody vouches for', async () => {
    const { KAFKA_SSL_CA_FILE: _authority, ...env } = environment(chief)
    const failure = await failureOf(connected(openClient(connectionFrom(env))))
    expect(failure.code).toBe('BROKER_UNAVAILABLE')
    expect(failure.message).toMatch(/certificate/)
  })

  it('is not met without TLS', async () => {
    const failure = await failureOf(connected(openClient(connectionFrom({ KAFKA_BROKERS: secured.sasl }))))
    expect(failure.code).toBe('BROKER_UNAVAILABLE')
  })
})

describe('access control', () => {
  it('lets canaries be told of with READ on the input and WRITE on the events alone', async () => {
    const open = clientOf(broker.brokers)
    const { input, events } = await createTopics(open, { input: {}, events: {} })
    await allow(
      [watcher.username],
      [
        [TOPIC, input, READ],
        [TOPIC, events, WRITE],
      ],
    )
    await produceAll(open, input, messagesOf(points(1500, 7), 1))
    const none = freshName('none')
    const others = { clean: `${none}.c`, quarantine: `${none}.q`, deadLetter: `${none}.d`, state: `${none}.s` }
    const file = await pipelineFile({ input, events, ...others })
    const asked = ['--from', '2001-01-01', '--rate', '.1', '--batches', '5', '--share', '1']
    const env = environment(watcher)
    const canary = startTaster([file, ...asked], secured.sasl, { command: 'canary', env })
    const { eventId } = await canary.logged({ event: 'canary' })
    await stopped(canary)
    const told = await readAll(open, events)
    expect(told.map((event) => header(event, 'ce_id'))).toContain(eventId)
  })

  const doings: readonly [string, (client: Client) => Promise<unknown>][] = [
    ['reading a topic', async (client) => (await openReader(client, topics.closed, 0)).fetch(0n)],
    ['writing to a topic', (client) => produceAll(client, topics.closed, [{ value: 'no' }])],
    [
      'a transaction',
      async (client) => {
        const producer = client.kafka.producer({ transactionalId: freshName('tx'), maxInFlightRequests: 1 })
        await producer.connect()
        await producer.transaction()
      },
    ],
  ]
  it.each(doings)('denies %s that nobody allowed', async (_what, work) => {
    for (const user of [stranger, ...allowed]) {
      const failure = await failureOf(work(clientFor(user)))
      expect(failure, `${user.username}: ${failure.message}`).toMatchObject({ code: 'ACCESS_DENIED' })
    }
    expect(await readAll(clientOf(broker.brokers), topics.closed)).toEqual([])
  })
})
