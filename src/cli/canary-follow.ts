import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { TasterError } from '../core/errors.ts'
import { openDesk, type Desk } from '../engine/desk.ts'
import { topicsOf } from '../engine/pipeline/topics.ts'
import { openClient } from '../kafka/client.ts'
import { openEventsWriter } from '../kafka/events-writer.ts'
import { rangesOf } from '../kafka/range.ts'
import { openCanaryMetrics } from '../observe/canary-metrics.ts'
import { logClient } from '../observe/client-log.ts'
import { systemClock } from '../observe/clock.ts'
import { openHealth } from '../observe/health.ts'
import { openLog } from '../observe/log.ts'
import { listen, openServer } from '../observe/server.ts'
import { openWatchdog } from '../observe/watchdog.ts'
import { attacksOf, prepare } from './canary-campaign.ts'
import { canaryLines } from './canary-lines.ts'
import type { CanaryFlags, CanaryRequest } from './canary-request.ts'
import { logFailure } from './failure.ts'
import { wholeNumber } from './flags.ts'
import { onInterrupt } from './interrupt.ts'
import { placeOf } from './replay-request.ts'
import { startSettings, type StartSettings } from './start-settings.ts'
import { version } from './version.ts'

const usualPort = '9465' // beside that of taster start

/** Follows the pipeline's topic until it is told to stop, and tells what becomes of the poisons that it tries. */
export async function canaryFollow(request: CanaryRequest, flags: CanaryFlags): Promise<void> {
  let log = openLog('fatal') // until it is known what is to be logged
  const interrupt = onInterrupt()
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk()
  try {
    const { TASTER_HTTP_PORT: port = '' } = process.env
    const env = { ...process.env, TASTER_HTTP_PORT: port === '' ? usualPort : port }
    const settings = startSettings(flags, env)
    log = openLog(settings.observed.level)
    await follow(request, flags, { settings, log, desk, scratch, signal: interrupt.signal })
  } catch (error) {
    if (interrupt.signal.aborted && error instanceof Error && error.name === 'AbortError') return
    logFailure(log, error)
    throw error
  } finally {
    interrupt.close()
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

interface Following {
  readonly settings: StartSettings
  readonly log: Logger
  readonly desk: Desk
  readonly scratch: string
  readonly signal: AbortSignal
}

async function follow(request: CanaryRequest, flags: CanaryFlags, following: Following): Promise<void> {
  const { settings, log, desk, scratch, signal } = following
  const { pipeline } = request
  const { connection, observed } = settings
  const { name } = pipeline
  const topics = topicsOf(pipeline)
  const partition = flags.partition === undefined ? undefined : wholeNumber('--partition', flags.partition, 0, 1e6)
  const from = placeOf('--from', flags.from, partition)
  const metrics = openCanaryMetrics(version, name, [...(await attacksOf(pipeline, request.wanted)).keys()])
  const health = openHealth([name])
  const server = await listen(openServer(health, metrics, observed.watchdogSeconds), observed.host, observed.port)
  const watchdog = openWatchdog(health, observed.watchdogSeconds, systemClock, (reason) => {
    logFailure(log, new TasterError('NO_PROGRESS', reason))
    process.stderr.write(`error ${reason} [NO_PROGRESS]\n`)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(1)
  })
  try {
    log.info({ event: 'serving', url: server.url })
    await desk.backend()
    health.backendReady()
    const step = (text: string) => log.info({ event: 'baseline', pipeline: name }, text)
    const prepared = await prepare(request, 'topic', { desk, scratch, signal, step })
    if (signal.aborted) return
    const client = openClient(connection, logClient(log, systemClock))
    const ranges = await rangesOf(client, {
      topic: topics.input,
      ...(partition !== undefined && { partition }),
      ...(from !== undefined && { from }),
    })
    const writer = await openEventsWriter(client, topics.events, ({ code, message }) =>
      log.warn({ event: 'retrying', pipeline: name, code, error: message }),
    )
    try {
      await canaryLines(
        ranges.map((range) => ({ partition: range.partition, from: from === undefined ? range.to : range.from })),
        { client, prepared, pipeline, topic: topics.input, metrics, log, writer, isWhole: partition === undefined },
        health.loaded(name, { batchSeconds: pipeline.input.batch.lingerMs / 1000, joinSeconds: 0 }),
        signal,
      )
    } finally {
      await writer.close()
    }
  } finally {
    watchdog.close()
    await server.close()
  }
}
