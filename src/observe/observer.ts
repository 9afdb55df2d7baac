import type { Logger } from 'pino'
import type { Notify } from '../core/notice.ts'
import { logClient, type ClientLog } from './client-log.ts'
import { systemClock, type Clock } from './clock.ts'
import { openHealth, type Patience } from './health.ts'
import { logNotices } from './log.ts'
import { openMetrics, type PipelineFacts } from './metrics.ts'
import { listen, openServer, type Served } from './server.ts'
import type { Settings } from './settings.ts'
import { openWatchdog } from './watchdog.ts'

export interface ObserverOptions {
  readonly version: string
  readonly settings: Settings
  readonly log: Logger
  readonly pipelines: readonly string[] // names of those that are to run
  readonly clock?: Clock
}

export type ObservedPipeline = PipelineFacts & Patience

/** Log, metrics and health of one process. */
export interface Observer {
  readonly log: Logger
  readonly kafkaLog: ClientLog
  /** The compute backend has started, in the first of so many threads at most. */
  backend(backend: { readonly name: string; readonly detail: string; readonly threads: number }): void
  /** A pipeline has its baseline, and is about to run. What is notified never throws. */
  pipeline(name: string, observed: ObservedPipeline): Notify
  /** Serves health and metrics. Throws CONFIG_INVALID where it cannot listen. */
  serve(): Promise<Served>
  /** Calls `expire`, once, when the process makes no progress. */
  watch(expire: (reason: string) => void): { close(): void }
}

export function openObserver({ version, settings, log, pipelines, clock = systemClock }: ObserverOptions): Observer {
  const { host, port, watchdogSeconds } = settings
  const metrics = openMetrics(version)
  const health = openHealth(pipelines)
  return {
    log,
    kafkaLog: logClient(log, clock),
    backend(backend) {
      health.backendReady()
      metrics.backend(backend)
      log.info({ event: 'backend', backend: backend.name, detail: backend.detail, threads: backend.threads })
    },
    pipeline(name, observed) {
      const observers = [health.loaded(name, observed), metrics.pipeline(name, observed), logNotices(log, clock, name)]
      log.info({ event: 'pipeline', pipeline: name, baseline: observed.baseline, detectors: observed.detectors })
      return (notice) => {
        for (const observe of observers)
          try {
            observe(notice)
          } catch (error) {
            // Records are worth more than figures about them: the line goes on.
            log.error({ event: 'observer-failed', pipeline: name, notice: notice.kind, error: String(error) })
          }
      }
    },
    async serve() {
      const served = await listen(openServer(health, metrics, watchdogSeconds), host, port)
      log.info({ event: 'serving', url: served.url })
      return served
    },
    watch: (expire) => openWatchdog(health, watchdogSeconds, clock, expire),
  }
}
