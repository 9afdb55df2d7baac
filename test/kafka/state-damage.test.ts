import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { stateOwner } from '../../src/kafka/state.ts'
import { build } from '../integration/taster.ts'
import {
  administer,
  configure,
  committedBy,
  deleteBefore,
  deleteTopic,
  moveOffset,
  recreateTopic,
  stopped,
  untilRead,
} from './operator.ts'
import { killAll, startTaster } from './process.ts'
import {
  createPipelineTopics,
  messagesOf,
  pipelineFile,
  points,
  seen,
  storedBaseline,
  type Names,
  type Seen,
} from './stream.ts'
import { clientOf, freshName, produceAll, readAll, type Sent } from './topic.ts'

build()
afterAll(killAll)

const client = clientOf()
const first = 400
const second = 150

interface Line {
  readonly names: Names
  readonly group: string
  readonly file: string
  readonly before: Seen // what had come out before the damage
}

interface Damage {
  readonly of: string
  /** Messages between two snapshots; without it there is a journal alone. */
  readonly snapshotEvery?: number
  readonly damage: (line: Line) => Promise<void>
  readonly says: RegExp
  readonly code?: 'OFFSET_OUT_OF_RANGE' | 'BASELINE_MISMATCH' // otherwise STATE_BROKEN
  /** What else the operator has to do, by the remedy, before the evidence can be made anew. */
  readonly mend?: (line: Line) => Promise<void>
  /** Messages that the operator wants to come out once more. */
  readonly again?: number
}

const owner = ({ group, names }: Line) => stateOwner(group, names.input, 0)
const toState = (line: Line, sent: Sent) => produceAll(client, line.names.state, [sent])
const move = (line: Line, offset: number) => moveOffset(client, line.group, line.names.input, { partition: 0, offset })

function rewrite({ file }: Line, change: (document: { [name: string]: unknown }) => void): void {
  const document = JSON.parse(readFileSync(file, 'utf8')) as { [name: string]: unknown }
  change(document)
  writeFileSync(file, JSON.stringify(document))
}

async function recreate({ names }: Line, topic: 'input' | 'state'): Promise<void> {
  await deleteTopic(client, names[topic])
  await recreateTopic(
    client,
    names[topic],
    1,
    topic === 'state' ? { 'cleanup.policy': 'compact' } : { 'retention.ms': '-1' },
  )
}

const damages: readonly Damage[] = [
  {
    of: 'a foreign message among the entries',
    damage: (line) => toState(line, { key: `${owner(line)} entry 1`, value: '{"cycle":1}' }),
    says: /the entry at offset \d+ of .* cannot be read/,
  },
  {
    of: 'a foreign message of another kind',
    damage: (line) => toState(line, { key: `${owner(line)} snapshot x`, value: Buffer.from([0, 255]) }),
    says: /the snapshot at offset \d+ of .* cannot be read/,
  },
  {
    of: 'a deleted entry',
    damage: (line) => toState(line, { key: `${owner(line)} entry 2`, value: null }),
    says: /leads to offset \d+, but offset 400 is committed/,
  },
  {
    of: 'a changed snapshot',
    snapshotEvery: 150,
    async damage(line) {
      const parts = await readAll(client, line.names.state)
      const part = parts.findLast(({ key }) => String(key) === `${owner(line)} snapshot 0`)
      const value = Buffer.from(part?.value ?? [])
      value[value.length >> 1] = (value[value.length >> 1] ?? 0) ^ 1
      await toState(line, { key: part?.key ?? null, value, headers: part?.headers ?? [] })
    },
    says: /does not have the checksum/,
  },
  {
    of: 'a truncated state topic',
    async damage({ names }) {
      await configure(client, names.state, { 'cleanup.policy': 'delete' }) // else brokers refuse to truncate it
      await deleteBefore(client, names.state, 0, 3)
    },
    says: /the state topic begins at offset 3, but it stood at 0/,
  },
  {
    of: 'an empty state topic',
    snapshotEvery: 150,
    damage: (line) => recreate(line, 'state'),
    says: /nothing is stored, though offset 400 is committed/,
  },
  {
    of: 'an input topic without what was judged',
    damage: (line) => deleteBefore(client, line.names.input, 0, 120),
    says: /the input topic begins at offset 120, but offset 0 has to be judged again/,
  },
  {
    of: 'an input topic whose next records are gone',
    snapshotEvery: 50,
    async damage(line) {
      await produceAll(client, line.names.input, messagesOf(points(50, 88), 1))
      await deleteBefore(client, line.names.input, 0, first + 50)
    },
    says: /deleted before they were read.*kafka-consumer-groups --reset-offsets.*--rebuild-evidence/,
    code: 'OFFSET_OUT_OF_RANGE',
    mend: (line) => move(line, first + 50),
  },
  {
    of: 'an input topic that is another one',
    damage: (line) => recreate(line, 'input'),
    says: /evidence reaches to offset 400, beyond the topic's end at 0.* To go on, set it/,
    mend: (line) => move(line, 0),
  },
  {
    of: 'an input topic that ends before it did',
    async damage(line) {
      await recreate(line, 'input')
      await move(line, first)
    },
    says: /the input topic ends at offset 0, but offset 399 has to be judged again/,
    mend: (line) => move(line, 0),
  },
  {
    of: 'offsets that are gone',
    async damage({ group }) {
      await administer(client, (admin) => admin.deleteGroups([group]))
    },
    says: /has lost its committed offset of partition 0 .*, though its evidence reaches to offset 400/,
  },
  {
    of: 'offsets and evidence that are gone',
    async damage(line) {
      await administer(client, (admin) => admin.deleteGroups([line.group]))
      await toState(line, { key: `${owner(line)} entry 0`, value: null })
    },
    says: /has lost its committed offset of partition 0 .*To go on, set it with kafka-consumer-groups --reset-offsets/s,
    mend: (line) => move(line, first),
  },
  {
    of: 'an offset that was moved back',
    damage: (line) => move(line, 300),
    says: /leads to offset 400, but offset 300 is committed/,
    again: 100,
  },
  {
    of: 'an offset beyond the end',
    damage: (line) => move(line, 10_000),
    says: /leads to offset 400, but offset 10000 is committed/,
    mend: (line) => move(line, first),
  },
  {
    of: 'another baseline',
    snapshotEvery: 150,
    async damage(line) {
      const path = await storedBaseline(2)
      rewrite(line, (document) => Object.assign(document, { baseline: { path } }))
    },
    says: /gathered (by baseline|with another baseline or budget) .*sha256:\w+.*now.* sha256:\w+.*--rebuild-evidence/,
  },
  {
    of: 'other detectors',
    damage: async (line) => rewrite(line, (document) => Object.assign(document, { detectors: { 'pair-flip': {} } })),
    says: /the baseline has detector class-shift, and the pipeline does not name it/,
    code: 'BASELINE_MISMATCH',
    mend: async (line) => rewrite(line, (document) => delete document['detectors']),
  },
  {
    of: 'another budget',
    snapshotEvery: 150,
    damage: async (line) => rewrite(line, (document) => Object.assign(document, { budget: { falseAlarms: 2 } })),
    says: /gathered (for a budget of|with another baseline or budget) .*1 in 10000 batches.*now.* 2 in 10000 batches/,
  },
]

const lines = new Map<string, Line>()
const undamaged = `line-${damages.findIndex(({ code }) => code === 'BASELINE_MISMATCH')}`
const rows = points(first, 21)
const more = points(second, 22)

beforeAll(async () => {
  const made: (Omit<Line, 'before'> & { readonly of: string })[] = []
  for (const [i, { of, snapshotEvery }] of damages.entries()) {
    const names = await createPipelineTopics(client, 1)
    const group = freshName('group')
    const output = snapshotEvery === undefined ? {} : { snapshotEvery }
    const file = await pipelineFile(names, { name: `line-${i}`, input: { group }, output })
    made.push({ of, names, group, file })
  }
  const files = made.map(({ file }) => file)
  const line = startTaster(files, inject('brokers'))
  // Part after part, so that each journal has several entries to be damaged, however fast this machine is.
  for (let i = 0; i < first; i += 100) {
    for (const { names } of made) await produceAll(client, names.input, messagesOf(rows.slice(i, i + 100), 1))
    for (const { group, names } of made) await untilRead(client, group, names.input, line)
  }
  line.kill('SIGKILL') // one that is told to stop would leave a snapshot, and nothing to be judged again
  await line.ended
  for (const { of, ...each } of made) lines.set(of, { ...each, before: await seen(client, each.names) })
})

const lineOf = (of: string): Line => {
  const line = lines.get(of)
  if (line === undefined) throw new Error(`no line was made for ${of}`)
  return line
}
const written = ({ clean, quarantine, deadLetter }: Omit<Seen, 'events' | 'input'>) => [
  ...clean,
  ...quarantine,
  ...deadLetter,
]
const spaced = (text: string) => text.replaceAll(/\s+/g, ' ')

it.each(damages)(
  'refuses to go on from $of, and writes nothing',
  async ({ of, damage, says, code = 'STATE_BROKEN' }) => {
    const line = lineOf(of)
    await damage(line)
    const offsets = await committedBy(client, line.group, line.names.input)
    const state = await readAll(client, line.names.state)
    const { code: exit, err } = await startTaster([line.file], inject('brokers')).ended
    expect({ exit, err }).toMatchObject({ exit: 2 })
    expect(spaced(err)).toMatch(says)
    expect(err).toContain(`[${code}]`)
    expect(await committedBy(client, line.group, line.names.input)).toEqual(offsets)
    expect(await readAll(client, line.names.state)).toEqual(state)
    expect(written(await seen(client, line.names))).toEqual(written(line.before))
  },
)

const rowOf = (message: Message) => String(message.value)
function timesOf(messages: readonly Message[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const message of messages) times.set(rowOf(message), (times.get(rowOf(message)) ?? 0) + 1)
  return times
}

it('goes on exactly once from all of it, with evidence that is made anew', { timeout: 300_000 }, async () => {
  for (const { of, mend } of damages) {
    const line = lineOf(of)
    await mend?.(line)
    await produceAll(client, line.names.input, messagesOf(more, 1))
  }
  const files = damages.map(({ of }) => lineOf(of).file)
  const line = startTaster(files, inject('brokers'), { flags: ['--rebuild-evidence'] })
  for (const { of } of damages) await untilRead(client, lineOf(of).group, lineOf(of).names.input, line)
  await stopped(line)
  const opened = line.lines().filter(({ event }) => event === 'opened')
  for (const [i, { of, again = 0 }] of damages.entries()) {
    const { names, before } = lineOf(of)
    const after = await seen(client, names)
    const times = timesOf(written(after))
    const expected = timesOf([...before.input, ...before.input.slice(first - again)])
    for (const row of more) expected.set(JSON.stringify(row), 1)
    expect({ of, times }).toEqual({ of, times: expected })
    const judgedAgain = opened.find(({ pipeline }) => pipeline === `line-${i}`)?.['remeasured']
    console.log(JSON.stringify({ of, input: after.input.length, out: written(after).length, judgedAgain }))
  }
  // Evidence that was made anew is gone on from as any other, and the flag changes nothing then.
  const next = startTaster(files, inject('brokers'), { flags: ['--rebuild-evidence'] })
  for (const i of damages.keys()) await next.logged({ event: 'opened', pipeline: `line-${i}` })
  await stopped(next)
  const reread = next.lines().filter(({ event, pipeline }) => event === 'opened' && pipeline !== undamaged)
  expect(reread).toHaveLength(damages.length - 1)
  for (const { remeasured } of reread) expect(remeasured).toBeLessThanOrEqual(second + 100)
})
