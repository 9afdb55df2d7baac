import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJvmBroker, type JvmBroker } from '../../broker/jvm.ts'
import type { TasterError } from '../../src/core/errors.ts'
import { openClient } from '../../src/kafka/client.ts'
import { connectionFrom } from '../../src/kafka/connection.ts'
import type { PlannedTopic } from '../../src/kafka/topic-plan.ts'
import { applyPlan, readTopics } from '../../src/kafka/topics.ts'
import { freePort } from '../../broker/port.ts'
import { build } from '../integration/taster.ts'
import { command, fileOf } from './command.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

build()
const client = clientOf()
let admin: Admin

beforeAll(async () => {
  admin = client.kafka.admin()
  await admin.connect()
})
afterAll(() => admin.disconnect())

const names = () => {
  const input = freshName('mail')
  return {
    input,
    clean: `${input}.clean`,
    quarantine: `${input}.quarantine`,
    deadLetter: `${input}.dead-letter`,
    state: `${input}.taster-state`,
    events: freshName('events'),
  }
}

const pipelineFor = ({ input, events }: { readonly input: string; readonly events: string }) =>
  fileOf(
    'pipeline.yaml',
    [
      'name: mail',
      `input: { topic: ${input}, fields: { text: text, label: label } }`,
      'encoder: { text-hash: {} }',
      `output: { events: ${events} }`,
    ].join('\n'),
  )

async function settings(topic: string): Promise<{ readonly [name: string]: string }> {
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic }] })
  return Object.fromEntries(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]) ?? [])
}

const partitions = async (topic: string) => (await readTopics(client, [topic])).topics.get(topic)?.partitions
const day = 86_400_000

describe('taster topics', () => {
  it('creates what a pipeline needs, and then finds nothing to do', async () => {
    const of = names()
    const file = pipelineFor(of)
    const before = await command(['topics', file, '--dry-run'])
    expect(before.code).toBe(1)
    expect(before.out).toMatch(new RegExp(`${of.input}\\.clean +create +clean of mail\\n +3? ?1 partition`))
    expect(await partitions(of.input)).toBeUndefined()

    const done = await command(['topics', file, '--yes', '--partitions', '3', '--keep-days', '60'])
    expect(done).toMatchObject({ code: 0, err: expect.stringContaining('6 topics done') })
    for (const topic of [of.input, of.clean, of.quarantine, of.deadLetter, of.state])
      expect(await partitions(topic)).toBe(3)
    expect(await partitions(of.events)).toBe(1)

    const input = await settings(of.input)
    for (const topic of [of.clean, of.quarantine, of.deadLetter]) {
      const set = await settings(topic)
      expect(set['message.timestamp.type']).toBe('CreateTime')
      expect(Number(set['max.message.bytes'])).toBeGreaterThan(Number(input['max.message.bytes']))
      expect(set['min.insync.replicas']).toBe('1')
    }
    expect(Number((await settings(of.quarantine))['retention.ms'])).toBe(60 * day)
    expect(Number((await settings(of.deadLetter))['retention.ms'])).toBe(60 * day)
    expect((await settings(of.events))['message.timestamp.type']).toBe('LogAppendTime')
    expect((await settings(of.state))['cleanup.policy']).toBe('compact')

    const again = await command(['topics', file, '--dry-run', '--json', '--keep-days', '60'])
    expect(again.code).toBe(0)
    const plan = JSON.parse(again.out) as { pending: number; topics: PlannedTopic[] }
    expect(plan.pending).toBe(0)
    expect(plan.topics.map(({ action }) => action)).toEqual(Array(6).fill('none'))
    expect((await command(['topics', file, '--keep-days', '60'])).code).toBe(0)
  })

  it('changes what is there as little as it can, and keeps settings that are not its business', async () => {
    const of = names()
    const config = (entries: Readonly<Record<string, string>>) =>
      Object.entries(entries).map(([name, value]) => ({ name, value }))
    await admin.createTopics({
      topics: [
        { topic: of.input, numPartitions: 4 },
        {
          topic: of.clean,
          numPartitions: 2,
          configEntries: config({
            'retention.bytes': '123456789',
            'segment.ms': '7200000',
            'max.message.bytes': '20000',
          }),
        },
        { topic: of.quarantine, numPartitions: 6, configEntries: config({ 'max.message.bytes': '90000000' }) },
        { topic: of.state, numPartitions: 4, configEntries: config({ 'cleanup.policy': 'delete' }) },
      ],
    })
    await produceAll(client, of.clean, [{ value: 'kept', partition: 1 }])

    const refused = await command(['topics', pipelineFor(of)])
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--yes.*CONFIG_INVALID|CONFIG_INVALID.*--yes/s),
    })
    expect(refused.out).toContain('partitions 2 → 4')
    expect(await partitions(of.clean)).toBe(2)

    expect((await command(['topics', pipelineFor(of), '--yes'])).code).toBe(0)
    expect(await partitions(of.clean)).toBe(4)
    expect(await partitions(of.quarantine)).toBe(6)
    const clean = await settings(of.clean)
    expect(clean).toMatchObject({ 'retention.bytes': '123456789', 'segment.ms': '7200000' })
    expect(Number(clean['max.message.bytes'])).toBeGreaterThan(1_048_588)
    expect(await settings(of.quarantine)).toMatchObject({
      'max.message.bytes': '90000000',
      'retention.ms': String(30 * day),
    })
    expect((await settings(of.state))['cleanup.policy']).toBe('compact')
    const [kept] = await admin.fetchTopicOffsets(of.clean).then((all) => all.filter(({ partition }) => partition === 1))
    expect(kept?.high).toBe('1')
  })

  it('says what the brokers refuse before anything is done', async () => {
    const of = names()
    const { code, err } = await command(['topics', pipelineFor(of), '--yes', '--replicas', '9'])
    expect(code).toBe(2)
    expect(err).toMatch(/INVALID_REPLICATION_FACTOR[^]*--replicas/)
    expect(await partitions(of.input)).toBeUndefined()
  })

  it.each([
    ['--partitions', '0'],
    ['--partitions', 'many'],
    ['--keep-days', '-1'],
    ['--brokers', 'nowhere'],
  ])('refuses %s %s', async (flag, value) => {
    const { code, err } = await command(['topics', pipelineFor(names()), flag, value])
    expect(code).toBe(2)
    expect(err).toContain('CONFIG_INVALID')
  })

  it('says that the brokers are away', async () => {
    const { code, err } = await command(['topics', pipelineFor(names()), '--dry-run'], `127.0.0.1:${await freePort()}`)
    expect(code).toBe(2)
    expect(err).toContain('BROKER_UNAVAILABLE')
  })
})

describe('without rights', () => {
  const stranger = { mechanism: 'plain', username: 'stranger', password: 'not-much-of-a-secret' } as const
  let broker: JvmBroker
  beforeAll(async () => {
    broker = await startJvmBroker({ security: { users: [stranger] } })
  })
  afterAll(() => broker.stop())

  it('says which are missing', async () => {
    const { secured } = broker
    const denied = openClient(
      connectionFrom({
        KAFKA_BROKERS: secured?.sasl,
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: secured?.caFile,
        KAFKA_SASL_MECHANISM: stranger.mechanism,
        KAFKA_SASL_USERNAME: stranger.username,
        KAFKA_SASL_PASSWORD: stranger.password,
      }),
    )
    const failure = await readTopics(denied, [freshName('mail')]).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining('DESCRIBE_CONFIGS') })
    expect(String((failure as TasterError).message)).not.toContain(stranger.password)

    const need = { topic: freshName('mail'), uses: [], inputs: [], notes: [], settings: [], replicas: 1 }
    const planned: PlannedTopic = { ...need, action: 'create', partitions: { from: null, to: 1 } }
    await expect(applyPlan(denied, [planned], { validateOnly: false })).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  })
})
