import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { build } from '../integration/taster.ts'
import { command } from './command.ts'
import { stopped, untilRead } from './operator.ts'
import { killAll, startTaster } from './process.ts'
import { createPipelineTopics, messagesOf, pipelineFile, points, seen, type Names, type Seen } from './stream.ts'
import { clientOf, freshName, produceAll } from './topic.ts'

build()
afterAll(killAll)

const client = clientOf()
const records = 3000
let names: Names
let file: string
let live: Seen

interface Result {
  readonly current: { readonly counts: { readonly [of: string]: number } }
  readonly other: { readonly counts: { readonly [of: string]: number } }
  readonly changed: readonly { readonly from: string; readonly to: string; readonly records: number }[]
}

async function replay(...args: string[]): Promise<{ code: number | null; err: string; result: Result | null }> {
  const { code, out, err } = await command(['replay', '-p', file, ...args, '--json'])
  return { code, err, result: code === 2 ? null : (JSON.parse(out) as Result) }
}

beforeAll(async () => {
  names = await createPipelineTopics(client, 2)
  const group = freshName('group')
  file = await pipelineFile(names, { name: 'replayed', input: { group } })
  await produceAll(client, names.input, messagesOf(points(records, 31, 1000), 2))
  const line = startTaster([file], inject('brokers'))
  await untilRead(client, group, names.input, line)
  await stopped(line)
  live = await seen(client, names)
})

it('judges what a topic holds as the line did, and shows what would be different', async () => {
  const { code, result } = await replay('--granularity', 'record')
  expect(live.quarantine.length).toBeGreaterThan(0)
  expect(result?.current.counts).toMatchObject({
    read: records,
    clean: live.clean.length,
    quarantine: live.quarantine.length,
    deadLetter: 0,
  })
  const changed = result?.changed.reduce((sum, each) => sum + each.records, 0) ?? 0
  expect(result?.other.counts['quarantine']).toBe(live.quarantine.length - changed)
  expect(changed).toBeGreaterThan(0)
  expect(code).toBe(1)
})

it('leaves what the line has written as it is', async () => {
  expect(await seen(client, names)).toEqual(live)
})

it('reads a range of offsets of one partition, and of times of all', async () => {
  const offsets = await replay('--budget', '2 per 10000 batches', '--partition', '1', '--from', '100', '--to', '300')
  expect(offsets.result?.current.counts['read']).toBe(200)
  const since = await replay('--budget', '2 per 10000 batches', '--from', '2001-01-01')
  expect(since.result?.current.counts['read']).toBe(records)
  const until = await replay('--budget', '2 per 10000 batches', '--to', '2001-01-01')
  expect(until.result?.current.counts['read']).toBe(0)
})

it('refuses places that mean nothing', async () => {
  const refused = async (says: RegExp, ...args: string[]) => {
    const { code, err } = await replay('--granularity', 'record', ...args)
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(says)
    expect(code).toBe(2)
  }
  await refused(/has no partition 2.*partitions 0 to 1/, '--partition', '2')
  await refused(/--from 100 is an offset.*give --partition too/, '--from', '100')
  await refused(/--to does not take "soon"/, '--to', 'soon')
})
