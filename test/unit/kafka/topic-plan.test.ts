import { describe, expect, it } from 'vitest'
import { TasterError } from '../../../src/core/errors.ts'
import type { Pipeline } from '../../../src/engine/pipeline.ts'
import { needsOf } from '../../../src/kafka/topic-needs.ts'
import { planTopics, type Cluster, type PlanOptions, type Present } from '../../../src/kafka/topic-plan.ts'

const day = 86_400_000
const options: PlanOptions = { partitions: 1, replicas: null, keepMs: 30 * day, messageBytes: null }

/** Only what topics are planned by. */
const pipeline = (name: string, topic: string | undefined, output: object = {}) =>
  ({ name, input: { topic }, output }) as unknown as Pipeline

const brokerSettings = {
  'cleanup.policy': 'delete',
  'max.message.bytes': '1048588',
  'message.timestamp.type': 'CreateTime',
  'min.insync.replicas': '1',
  'retention.ms': String(7 * day),
}

function topic(partitions: number, own: Readonly<Record<string, string>> = {}, replicas = 1): Present {
  const settings = new Map(
    Object.entries({ ...brokerSettings, ...own }).map(([name, value]) => [name, { value, own: name in own }]),
  )
  return { partitions, replicas, settings }
}

const cluster = (topics: Readonly<Record<string, Present>>, brokers = 1): Cluster => ({
  brokers,
  messageBytes: 1_048_588,
  topics: new Map(Object.entries(topics)),
})

const plan = (pipelines: readonly Pipeline[], of: Cluster, given: Partial<PlanOptions> = {}) =>
  new Map(planTopics(needsOf(pipelines), of, { ...options, ...given }).map((planned) => [planned.topic, planned]))

const changes = (
  planned: { readonly settings: readonly { name: string; from: string | null; to: string }[] } | undefined,
) => Object.fromEntries((planned?.settings ?? []).map(({ name, from, to }) => [name, [from, to]]))

describe('what pipelines need', () => {
  it('is each topic once, with everyone who uses it', () => {
    const needs = needsOf([
      pipeline('a', 'in'),
      pipeline('b', 'in.clean'),
      pipeline('c', 'other', { quarantine: 'in.quarantine' }),
    ])
    const uses = new Map(needs.map((need) => [need.topic, need.uses.map(({ pipeline: of, use }) => `${of} ${use}`)]))
    expect(uses.get('taster.events')).toEqual(['a events', 'b events', 'c events'])
    expect(uses.get('in.clean')).toEqual(['b input', 'a clean'])
    expect(uses.get('in.quarantine')).toEqual(['a quarantine', 'c quarantine'])
    expect(needs.find((need) => need.topic === 'in.quarantine')?.inputs).toEqual(['in', 'other'])
  })

  it.each([
    ['state of one is clean of another', [pipeline('a', 'in', { state: 'x' }), pipeline('b', 'other', { clean: 'x' })]],
    ['state of one is input of another', [pipeline('a', 'in', { state: 'other' }), pipeline('b', 'other')]],
    ['events go to a quarantine', [pipeline('a', 'in', { events: 'other.quarantine' }), pipeline('b', 'other')]],
    ['a pipeline names no input', [pipeline('a', undefined)]],
  ])('is refused where %s', (_, pipelines) => {
    expect(() => needsOf(pipelines)).toThrow(TasterError)
  })
})

describe('the plan for a cluster', () => {
  it('creates what is missing with as many partitions as the input, and its largest message', () => {
    const planned = plan([pipeline('a', 'in')], cluster({ in: topic(6, { 'max.message.bytes': '5000000' }, 3) }, 5))
    expect(planned.get('in')?.action).toBe('none')
    for (const name of ['in.clean', 'in.quarantine', 'in.dead-letter', 'in.taster-state'])
      expect(planned.get(name)).toMatchObject({ action: 'create', partitions: { from: null, to: 6 }, replicas: 3 })
    expect(planned.get('taster.events')?.partitions.to).toBe(1)
    expect(changes(planned.get('in.quarantine'))).toEqual({
      'message.timestamp.type': [null, 'CreateTime'],
      'max.message.bytes': [null, String(5_000_000 + 65_536)],
      'retention.ms': [null, String(30 * day)],
      'min.insync.replicas': [null, '2'],
    })
    expect(changes(planned.get('in.taster-state'))).toMatchObject({
      'cleanup.policy': [null, 'compact'],
      'min.insync.replicas': [null, '2'],
    })
  })

  it('creates a missing input with one partition unless told otherwise, and its outputs by it', () => {
    expect(plan([pipeline('a', 'in')], cluster({})).get('in')?.partitions.to).toBe(1)
    const planned = plan([pipeline('a', 'in')], cluster({}), { partitions: 4, messageBytes: 10_000_000 })
    expect(planned.get('in')).toMatchObject({ action: 'create', partitions: { from: null, to: 4 }, replicas: 1 })
    expect(changes(planned.get('in'))['max.message.bytes']).toEqual([null, '10000000'])
    expect(planned.get('in.clean')?.partitions.to).toBe(4)
    expect(changes(planned.get('in.clean'))['max.message.bytes']).toEqual([null, '10065536'])
  })

  it('has room for a whole write even where the input only takes small messages', () => {
    const planned = plan([pipeline('a', 'in')], cluster({ in: topic(1, { 'max.message.bytes': '1000' }) }))
    expect(changes(planned.get('in.clean'))['max.message.bytes']).toEqual([null, '1048588'])
  })

  it('adds partitions and raises limits of what is there, and changes nothing else', () => {
    const planned = plan(
      [pipeline('a', 'in')],
      cluster({
        in: topic(4),
        'in.clean': topic(2, { 'message.timestamp.type': 'LogAppendTime', 'segment.bytes': '1000000' }),
        'in.taster-state': topic(4, { 'cleanup.policy': 'delete' }),
      }),
    )
    expect(planned.get('in.clean')).toMatchObject({ action: 'change', partitions: { from: 2, to: 4 } })
    expect(changes(planned.get('in.clean'))).toEqual({
      'message.timestamp.type': ['LogAppendTime', 'CreateTime'],
      'max.message.bytes': ['1048588', '1114124'],
    })
    expect(changes(planned.get('in.taster-state'))).toEqual({ 'cleanup.policy': ['delete', 'compact'] })
  })

  it('leaves larger limits, more partitions and settings of their own', () => {
    const planned = plan(
      [pipeline('a', 'in')],
      cluster({
        in: topic(2),
        'in.clean': topic(8, { 'max.message.bytes': '9000000' }),
        'in.quarantine': topic(2, { 'max.message.bytes': '9000000', 'retention.ms': '-1' }),
        'in.dead-letter': topic(2, { 'max.message.bytes': '9000000', 'retention.ms': String(day) }),
      }),
    )
    expect(planned.get('in.clean')).toMatchObject({ action: 'none', partitions: { from: 8, to: 8 } })
    expect(planned.get('in.quarantine')).toMatchObject({ action: 'none', notes: [] })
    expect(planned.get('in.dead-letter')).toMatchObject({ action: 'none' })
    expect(planned.get('in.dead-letter')?.notes.join()).toContain('retention.ms')
  })

  it('is done after it was carried out', () => {
    const pipelines = [pipeline('a', 'in'), pipeline('b', 'in.clean')]
    const created = planTopics(needsOf(pipelines), cluster({}, 3), { ...options, partitions: 3 })
    const after = Object.fromEntries(
      created.map(({ topic: name, partitions, replicas, settings }) => [
        name,
        topic(partitions.to, Object.fromEntries(settings.map((setting) => [setting.name, setting.to])), replicas),
      ]),
    )
    const again = planTopics(needsOf(pipelines), cluster(after, 3), options)
    expect(again.map(({ action }) => action)).toEqual(created.map(() => 'none'))
  })

  it('gives the outputs of a pipeline that reads another one its partitions, and ends where they form a ring', () => {
    const chained = plan(
      [pipeline('a', 'in'), pipeline('b', 'in.clean')],
      cluster({ in: topic(5), 'in.clean': topic(2) }),
    )
    expect(chained.get('in.clean')?.partitions).toEqual({ from: 2, to: 5 })
    expect(chained.get('in.clean.quarantine')?.partitions.to).toBe(5)
    const ring = [pipeline('a', 'x', { clean: 'y' }), pipeline('b', 'y', { clean: 'x' })]
    expect(plan(ring, cluster({ x: topic(3) })).get('y')?.partitions.to).toBe(3)
  })

  it('notes what it cannot change', () => {
    const planned = plan(
      [pipeline('a', 'in')],
      cluster(
        {
          in: topic(1),
          'in.clean': topic(1, { 'max.message.bytes': '2000000', 'cleanup.policy': 'compact,delete' }, 1),
          'in.quarantine': topic(1, { 'min.insync.replicas': '2' }, 1),
        },
        3,
      ),
    )
    expect(planned.get('in.clean')?.notes.join()).toMatch(/1 of 3 replicas.*compacted/)
    expect(planned.get('in.quarantine')?.notes.join()).toContain('nothing can be written')
  })

  it('lets outputs take timestamps that the input takes', () => {
    const limits = {
      'message.timestamp.before.max.ms': String(day),
      'message.timestamp.after.max.ms': String(90 * day),
    }
    const planned = plan([pipeline('a', 'in')], cluster({ in: topic(1, limits) }))
    expect(changes(planned.get('in.clean'))).toMatchObject({
      'message.timestamp.before.max.ms': [null, String(2n ** 63n - 1n)],
      'message.timestamp.after.max.ms': [null, String(90 * day)],
    })
  })
})
