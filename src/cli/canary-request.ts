import type { Pipeline } from '../engine/pipeline.ts'
import type { BrokerFlags } from './brokers.ts'
import { shareOf, wholeNumber } from './flags.ts'
import { invalid } from './replay-request.ts'
import { pipelineOf } from './settings.ts'

export interface CanaryFlags extends BrokerFlags {
  readonly pipeline?: string
  readonly baseline?: string
  readonly budget?: string
  readonly attack?: string
  readonly rate: string
  readonly batches: string
  readonly share?: string
  readonly passes?: string
  readonly partition?: string
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

export interface CanaryRequest {
  readonly pipeline: Pipeline
  readonly paths: readonly string[] // of data
  readonly follows: boolean // the pipeline's topic, until it is told to stop
  readonly wanted: readonly string[] | null // attacks; null: all that the stream allows
  readonly rate: number
  readonly batches: number
  readonly share: number
  readonly passes: number // times that what is read once is read, each with draws of its own
}

const usualShare = { follows: 0.05, once: 1 }

/** What is to be tried on what. Throws CONFIG_INVALID, CONFIG_NOT_FOUND. */
export async function canaryRequest(given: readonly string[], flags: CanaryFlags): Promise<CanaryRequest> {
  const [only] = given
  if (flags.pipeline === undefined && (only === undefined || given.length > 1))
    throw invalid(
      'Nothing says how records are judged',
      '--pipeline',
      'it is not given, and neither is a single pipeline file',
      'give a pipeline to follow its topic, or files and --pipeline <file>',
    )
  const paths = flags.pipeline === undefined ? [] : given
  const file = flags.pipeline ?? only ?? ''
  const { baseline, budget, share } = flags
  const pipeline = await pipelineOf({
    pipeline: file,
    ...(baseline !== undefined && { baseline }),
    ...(budget !== undefined && { budget }),
  })
  if (pipeline.baseline.path === null && pipeline.baseline.trusted.length === 0)
    throw invalid(
      'There is nothing to judge by',
      file,
      'it names neither a baseline nor trusted data',
      'give --baseline, the folder that taster baseline fit wrote',
    )
  if (paths.includes('-'))
    throw invalid(
      'canary reads files, not standard input',
      '-',
      'it has no name and no size',
      'write it to a file first',
    )
  if (paths.length === 0 && pipeline.input.topic === undefined)
    throw invalid(
      'There is nothing to poison',
      file,
      'it names no input.topic, and no path is given',
      'give files or folders, or a pipeline that reads a topic',
    )
  const follows = paths.length === 0 && flags.to === undefined
  if (follows && flags.passes !== undefined)
    throw invalid('A topic that is followed is read once', '--passes', 'it has no end', 'give --to, or leave it out')
  return {
    pipeline,
    paths,
    follows,
    wanted: flags.attack === undefined ? null : flags.attack.split(',').map((name) => name.trim()),
    rate: shareOf('--rate', flags.rate),
    batches: wholeNumber('--batches', flags.batches, 1, 100_000),
    passes: wholeNumber('--passes', flags.passes ?? '1', 1, 10_000),
    share: share === undefined ? usualShare[follows ? 'follows' : 'once'] : shareOf('--share', share),
  }
}
