import { TasterError } from '../core/errors.ts'
import type { Pipeline } from '../engine/pipeline.ts'
import { rangesOf, type Place } from '../kafka/range.ts'
import { clientFor, type BrokerFlags } from './brokers.ts'
import { wholeNumber } from './flags.ts'
import { filesInput, topicInput, type Input } from './replay-input.ts'
import { pipelineOf } from './settings.ts'

export interface ReplayFlags extends BrokerFlags {
  readonly pipeline: string
  readonly policy?: string
  readonly budget?: string
  readonly granularity?: string
  readonly baseline?: string
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  readonly changes?: string
  readonly json?: boolean
}

export function invalid(message: string, where: string, what: string, remedy: string): TasterError {
  return new TasterError('CONFIG_INVALID', message, { problems: [{ where, message: what, remedy }] })
}

/** How records are judged now, and how else. Throws CONFIG_INVALID. */
export async function pipelinesOf(flags: ReplayFlags): Promise<readonly [Pipeline, Pipeline]> {
  const { policy, budget, granularity, baseline } = flags
  const tried = { budget, granularity, baseline }
  if (policy === undefined && Object.values(tried).every((value) => value === undefined))
    throw invalid(
      'There is nothing to try',
      '--policy',
      'neither it nor another flag says what would be different',
      'give --policy <pipeline file>, --budget, --granularity or --baseline',
    )
  const given = Object.fromEntries(Object.entries(tried).filter(([, value]) => value !== undefined))
  const current = await pipelineOf({ pipeline: flags.pipeline })
  const other = await pipelineOf({ pipeline: policy ?? flags.pipeline, ...given })
  for (const pipeline of [current, other])
    if (pipeline.baseline.path === null && pipeline.baseline.trusted.length === 0)
      throw invalid(
        'There is nothing to judge by',
        pipeline === current ? flags.pipeline : (policy ?? flags.pipeline),
        'it names neither a baseline nor trusted data',
        'give baseline.path, the folder that taster baseline fit wrote',
      )
  const reading = ({ input: { fields, format, limits } }: Pipeline) => JSON.stringify([fields, format, limits])
  if (reading(current) !== reading(other))
    throw invalid(
      'The two pipelines do not read the same records',
      policy ?? flags.pipeline,
      'its input.fields, input.format or input.limits are not those of the pipeline it is compared with',
      'copy them from there: a replay compares how the same records are judged',
    )
  return [current, other]
}

export function placeOf(flag: string, value: string | undefined, partition: number | undefined): Place | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) {
    if (partition !== undefined) return { offset: BigInt(value) }
    throw invalid(
      `${flag} ${value} is an offset, and partitions count theirs apart`,
      flag,
      'an offset means something in one partition only',
      'give --partition too, or a time like 2026-11-01T12:00:00Z',
    )
  }
  const time = Date.parse(value)
  if (Number.isFinite(time)) return { time }
  throw invalid(
    `${flag} does not take ${JSON.stringify(value)}`,
    flag,
    'it is neither an offset nor a time',
    'give a time like 2026-11-01T12:00:00Z, or an offset together with --partition',
  )
}

/** What is judged: files, or what the pipeline's topic holds. Throws CONFIG_INVALID, TOPIC_MISSING, ACCESS_DENIED, BROKER_UNAVAILABLE. */
export async function inputOf(paths: readonly string[], flags: ReplayFlags, pipeline: Pipeline): Promise<Input> {
  if (paths.length > 0) return filesInput(paths)
  const { topic } = pipeline.input
  if (topic === undefined)
    throw invalid(
      'There is nothing to replay',
      flags.pipeline,
      'it names no input.topic, and no path is given',
      'give files or folders, or a pipeline that reads a topic',
    )
  const partition = flags.partition === undefined ? undefined : wholeNumber('--partition', flags.partition, 0, 1e6)
  const [from, to] = [placeOf('--from', flags.from, partition), placeOf('--to', flags.to, partition)]
  const client = clientFor(flags)
  const ranges = await rangesOf(client, {
    topic,
    ...(partition !== undefined && { partition }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  })
  return topicInput(client, ranges)
}
