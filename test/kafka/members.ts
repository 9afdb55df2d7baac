import { expect } from 'vitest'
import type { Client } from '../../src/kafka/client.ts'
import { stopped, untilRead } from './operator.ts'
import { startTaster, type Process } from './process.ts'
import {
  createPipelineTopics,
  eventsOf,
  expectExactlyOnce,
  pipelineFile,
  seen,
  until,
  verdictsOf,
  type Names,
} from './stream.ts'
import { freshName } from './topic.ts'

export type Line = ReturnType<Process['lines']>[number]

/** The partitions that a member was given last; none before it has joined. */
export function partitionsOf(member: Process): readonly number[] {
  const last = member.lines().findLast(({ event }) => event === 'joined')
  return (last?.['partitions'] ?? []) as readonly number[]
}

/** Resolves with the first line that a process has logged after its first `from` lines and that fits. Rejects where it ends before. */
export async function untilLogged(process: Process, from: number, fits: (line: Line) => boolean): Promise<Line> {
  const found = () => process.lines().slice(from).find(fits)
  let ended: string | null = null
  void process.ended.then(({ code, out, err }) => (ended = `it ended with ${code}: ${err} ${out.slice(-2000)}`))
  await until(async () => {
    if (found() === undefined && ended !== null) throw new Error(ended)
    return found() !== undefined
  })
  return found() ?? {}
}

/** How often processes have logged lines that fit. */
export function countOf(processes: readonly Process[], fits: (line: Line) => boolean): number {
  return processes.flatMap((process) => process.lines()).filter(fits).length
}

export const isBatch = ({ event }: Line): boolean => event === 'batch'
export const wasFenced = ({ event, code }: Line): boolean => event === 'aborted' && code === 'PRODUCER_FENCED'

/** Expects each input message to have come out exactly once, and all as in a run over the same input without a fault. */
export async function expectAsUndisturbed(
  client: Client,
  brokers: string,
  names: Names,
  rules: { readonly input: object; readonly output?: object },
): Promise<{ readonly [of: string]: number }> {
  const disturbed = await seen(client, names)
  const counts = expectExactlyOnce(disturbed)
  const partitions = 1 + Math.max(...disturbed.input.map(({ at }) => at.partition))
  const others = await createPipelineTopics(client, partitions, { input: names.input })
  const group = freshName('calm')
  const calm = startTaster([await pipelineFile(others, { ...rules, input: { ...rules.input, group } })], brokers)
  await untilRead(client, group, names.input, calm)
  await stopped(calm)
  const undisturbed = await seen(client, others)
  expectExactlyOnce(undisturbed)
  expect(verdictsOf(disturbed)).toEqual(verdictsOf(undisturbed))
  expect(eventsOf(disturbed)).toEqual(eventsOf(undisturbed))
  return { ...counts, events: eventsOf(disturbed).size }
}
