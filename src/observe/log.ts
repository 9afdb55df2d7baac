import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import { codes, type TasterError } from '../core/errors.ts'
import type { CloudEvent, Outcome } from '../core/line.ts'
import type { Notify } from '../core/notice.ts'
import type { EventType } from '../engine/events.ts'
import type { Clock } from './clock.ts'
import { decisionOf } from './decision.ts'
import type { Level } from './settings.ts'
import { openThrottle } from './throttle.ts'

/** One JSON object a line, to stdout unless another destination is given. Nothing waits in memory to be written. */
export function openLog(level: Level, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

const failingEveryMs = 30_000
const longestText = 1000

/**
 * Writes what happens to a pipeline: a line `batch` for each batch, and one for whatever else an operator would ask for.
 * Records, labels and names that come from data are never written: of an alarm's subject, only its kind.
 */
export function logNotices(log: Logger, clock: Clock, pipeline: string): Notify {
  const mayTell = openThrottle(clock, failingEveryMs)
  return (notice) => {
    switch (notice.kind) {
      case 'joined':
        log.info({ event: 'joined', pipeline, member: notice.member, partitions: notice.partitions })
        return
      case 'rebalancing':
        log.info({ event: 'rebalancing', pipeline })
        return
      case 'opened': {
        const { partition, offset, remeasured, seconds } = notice
        log.info({ event: 'opened', pipeline, partition, offset: String(offset), remeasured, ms: inMs(seconds) })
        return
      }
      case 'closed': {
        const { partition, reason } = notice
        log[reason === 'stopped' ? 'info' : 'debug']({ event: 'closed', pipeline, partition, reason }) // `aborted` says more
        return
      }
      case 'aborted': {
        const { partition, error } = notice
        const leftOut = mayTell(`aborted ${partition} ${error.code} ${sameness(error)}`)
        if (leftOut !== null) log.warn({ event: 'aborted', pipeline, partition, ...told(error), leftOut })
        return
      }
      case 'retrying': {
        const { partition, error, afterMs } = notice
        const leftOut = mayTell(`retrying ${partition} ${error.code}`)
        const why = partition === null ? told(error) : { code: error.code } // a partition's was told by `aborted`
        if (leftOut !== null) log.warn({ event: 'retrying', pipeline, partition, ...why, afterMs, leftOut })
        return
      }
      case 'committed':
        notice.outcomes.forEach((outcome, i) => {
          const place = { pipeline, partition: notice.partition, verdict: outcome.verdict.id }
          logBatch(log, place, outcome, notice.seconds[i] ?? 0)
          for (const event of outcome.events) logEvent(log, place, event)
        })
        return
      case 'heartbeat':
      case 'restoring':
      case 'stage':
      case 'lag':
      case 'evidence':
        return
    }
  }
}

function logBatch(log: Logger, place: object, outcome: Outcome, seconds: number): void {
  const { batch, verdict, unscored } = outcome
  const { messages } = batch
  log.info({
    event: 'batch',
    ...place,
    from: String(messages[0]?.at.offset ?? ''),
    to: String(messages.at(-1)?.at.offset ?? ''),
    records: batch.id.length,
    rejected: batch.rejected.length,
    decision: decisionOf(outcome),
    findings: verdict.findings.length,
    ...(unscored ? { unscored } : {}),
    ms: inMs(seconds),
  })
}

const logged: ReadonlyMap<string, string> = new Map<EventType, string>([
  ['taster.alarm.raised', 'alarm-raised'],
  ['taster.alarm.cleared', 'alarm-cleared'],
  ['taster.detector.degraded', 'detector-degraded'],
])

function logEvent(log: Logger, place: object, { type, id, subject: detector, data }: CloudEvent): void {
  const event = logged.get(type)
  if (event !== undefined) log.warn({ event, ...place, detector, subject: kindOf(data), eventId: id })
}

const kinds = ['stream', 'source', 'label', 'pair', 'feature']

/** What kind of subject the data of an event name. */
function kindOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('subject' in data)) return undefined
  const { subject } = data
  if (typeof subject !== 'object' || subject === null || !('kind' in subject)) return undefined
  return kinds.find((kind) => kind === subject.kind)
}

/** What errors of one cause have in common: one that is put right may uncover another of the same code. */
function sameness({ message }: TasterError): string {
  return message.slice(0, longestText).replaceAll(/\d+/g, '')
}

/** An error's code, and its text where that tells of brokers and settings; other texts may quote records. */
function told({ code, message }: TasterError): object {
  const family = codes[code]
  const safe = family === 'UnavailableError' || family === 'ConfigError'
  return safe ? { code, error: message.slice(0, longestText) } : { code }
}

const inMs = (seconds: number) => Math.round(seconds * 1000)
