import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Logger } from 'pino'
import { TasterError } from '../core/errors.ts'
import { openDesk, type Desk } from '../engine/desk.ts'
import { parsePipeline, type Pipeline } from '../engine/pipeline.ts'
import { mustSuit } from '../engine/pipeline/suits.ts'
import { setupOf } from '../engine/setup.ts'
import { openClient } from '../kafka/client.ts'
import { rebalanceTimeoutMs } from '../kafka/member.ts'
import { runPipeline } from '../kafka/run.ts'
import { openLog } from '../observe/log.ts'
import { openObserver, type Observer } from '../observe/observer.ts'
import { baselineFor } from './baseline-for.ts'
import { brokerFlags, type BrokerFlags } from './brokers.ts'
import type { ThreadFlags } from './compute-threads.ts'
import { mustBeDistinct } from './distinct.ts'
import { logFailure } from './failure.ts'
import { onInterrupt } from './interrupt.ts'
import { loadRegistries, readPipeline } from './settings.ts'
import { startSettings, type StartSettings } from './start-settings.ts'
import { version } from './version.ts'

interface StartFlags extends BrokerFlags, ThreadFlags {
  readonly rebuildEvidence?: boolean
  readonly skipUndecodable?: boolean
}

const help = `
Reads topics as a member of a consumer group (taster-<pipeline> unless the file
says otherwise) and commits what becomes of each batch, its evidence and its
offsets in one transaction. Start more processes to share the partitions.
taster topics creates the topics that are needed.

Compute threads judge beside each other, each the partitions that it was given:
more than there are partitions are of no use. One is started when a partition
needs it and takes about 100 MiB. Verdicts do not depend on their number.

Environment: KAFKA_BROKERS (host:port, comma separated) unless --brokers says
it; for TLS KAFKA_SSL=true, KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE,
KAFKA_SSL_KEY_FILE; for SASL KAFKA_SASL_MECHANISM (plain, scram-sha-256,
scram-sha-512), KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or either with
_FILE; KAFKA_CLIENT_ID; in milliseconds KAFKA_SESSION_TIMEOUT_MS (a member that
is silent for so long loses its partitions), KAFKA_REQUEST_TIMEOUT_MS and
KAFKA_METADATA_MAX_AGE_MS (when partitions that were added are noticed).
TASTER_HTTP_HOST and TASTER_HTTP_PORT say where /healthz, /readyz and /metrics
are served, TASTER_WATCHDOG_SECONDS when a process that makes no progress ends,
TASTER_THREADS what --threads would, LOG_LEVEL what is logged.

SIGTERM and SIGINT finish the batch in hand and leave the group. Exit code: 0
stopped, 2 the work could not go on, 1 no progress.

Examples:
  $ KAFKA_BROKERS=localhost:9092 taster start pipelines/mail.yaml
  $ taster start pipelines/mail.yaml pipelines/reviews.yaml
  $ taster start pipelines/mail.yaml --rebuild-evidence`

async function runOne(
  pipeline: Pipeline,
  flags: StartFlags,
  shared: {
    readonly desk: Desk
    readonly observer: Observer
    readonly client: ReturnType<typeof openClient>
    readonly scratch: string
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { desk, observer, client, scratch, signal } = shared
  const step = (text: string) => observer.log.info({ event: 'baseline', pipeline: pipeline.name }, text)
  const skipUndecodable = flags.skipUndecodable === true
  const { folder } = await baselineFor(pipeline, desk, {
    scratch: join(scratch, pipeline.name),
    step,
    skipUndecodable,
    signal,
  })
  if (signal.aborted) return
  const deadlineMs = pipeline.policy.deadlineSeconds * 1000
  const baseline = await desk.open(folder, pipeline.budget, pipeline.baseline.digest ?? undefined, { deadlineMs })
  const { digest, manifest } = baseline
  mustSuit(pipeline, manifest, folder)
  await runPipeline(
    {
      client,
      pipeline,
      setup: setupOf(pipeline, { digest, manifest }, version, 'topic'),
      baseline,
      rebuildEvidence: flags.rebuildEvidence === true,
      notify: observer.pipeline(pipeline.name, {
        budget: pipeline.budget,
        baseline: digest,
        detectors: manifest.detectors.map(({ name }) => name),
        batchSeconds: pipeline.input.batch.lingerMs / 1000 + pipeline.policy.deadlineSeconds,
        joinSeconds: rebalanceTimeoutMs(client.connection.sessionTimeoutMs) / 1000,
      }),
    },
    signal,
  )
}

async function runAll(
  files: readonly string[],
  flags: StartFlags,
  settings: StartSettings,
  log: Logger,
): Promise<void> {
  const registries = await loadRegistries()
  const pipelines = await Promise.all(
    files.map(async (file) => parsePipeline(await readPipeline(file), file, registries)),
  )
  mustBeDistinct(pipelines.map((pipeline, i) => ({ file: files[i] ?? '', pipeline })))

  const names = pipelines.map(({ name }) => name)
  const observer = openObserver({ version, settings: settings.observed, log, pipelines: names })
  const interrupt = onInterrupt()
  const failed = new AbortController()
  const signal = AbortSignal.any([interrupt.signal, failed.signal])
  const scratch = await mkdtemp(join(tmpdir(), 'taster-'))
  const desk = openDesk({ threads: settings.threads })
  try {
    observer.backend({ ...(await desk.backend()), threads: settings.threads })
    const server = await observer.serve()
    const watchdog = observer.watch((reason) => {
      logFailure(log, new TasterError('NO_PROGRESS', reason))
      process.stderr.write(`error ${reason} [NO_PROGRESS]\n`)
      rmSync(scratch, { recursive: true, force: true })
      process.exit(1)
    })
    const client = openClient(settings.connection, observer.kafkaLog)
    try {
      const shared = { desk, observer, client, scratch, signal }
      const runs = pipelines.map((pipeline) =>
        runOne(pipeline, flags, shared).catch((error: unknown) => {
          failed.abort() // one pipeline that cannot go on ends the process: a supervisor must see it
          throw error
        }),
      )
      const results = await Promise.allSettled(runs)
      const broken = results.find((result) => result.status === 'rejected')
      if (broken !== undefined) throw broken.reason
    } finally {
      watchdog.close()
      await server.close()
    }
  } finally {
    interrupt.close()
    await desk.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function start(files: readonly string[], flags: StartFlags): Promise<void> {
  let log = openLog('fatal') // until it is known what is to be logged
  try {
    const settings = startSettings(flags, process.env)
    log = openLog(settings.observed.level)
    await runAll(files, flags, settings, log)
  } catch (error) {
    logFailure(log, error)
    throw error
  }
}

export function startCommand(): Command {
  const command = new Command('start')
    .description('run pipelines on Kafka: clean records go on, suspicious ones to quarantine, each with its reason')
    .argument('<pipeline...>', 'pipeline YAML files')
    .option('--threads <n>', 'compute threads, at most (otherwise one less than the cores that it may use)')
    .option('--rebuild-evidence', 'judge again what the input topic holds, where the stored evidence cannot be used')
    .option('--skip-undecodable', 'leave out trusted rows that cannot be read, where a baseline is fitted first')
  return brokerFlags(command).addHelpText('after', help).action(start)
}
