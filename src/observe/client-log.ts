import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { openThrottle } from './throttle.ts'

export type ClientLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, detail: object) => void

/** What the Kafka client may tell beside its message; anything else is left out, since it may hold bytes of requests. */
const tellable = ['broker', 'clientId', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime']

const routine = [
  // transactions that follow on each other, members that come and go
  'concurrent operation on the same transaction',
  'rebalanc',
  're-join',
  'rejoin',
  'coordinator is loading',
  'coordinator is not available',
  'not the correct coordinator',
  'leadership election',
  'no leader',
  // a producer gives up after some retries, on purpose: its successor ends what it left open
  'limiting retries for the idempotent producer',
  // what repeats the line before it: of a broker that cannot be reached, of a consumer that crashed
  'failed to connect to seed broker',
  'restarting the consumer',
]

const everyMs = 30_000
const longestText = 500

/**
 * Lines of the Kafka client in the log. What it calls an error it mostly tries again by itself, and what it does not get
 * over reaches the line as an error of its own: so errors are warnings here, and what is routine is told to `debug`.
 */
export function logClient(log: Logger, clock: Clock): ClientLog {
  const mayTell = openThrottle(clock, everyMs)
  return (level, message, detail) => {
    const fields = fieldsOf(detail)
    const severe = level === 'error' || level === 'warn'
    const said = `${message} ${fields.get('error') ?? ''}`.toLowerCase()
    const quiet = !severe || routine.some((part) => said.includes(part))
    const to = quiet ? 'debug' : 'warn'
    if (!log.isLevelEnabled(to)) return
    const leftOut = mayTell(message.replaceAll(/\d+/g, '0'))
    if (leftOut === null) return
    log[to]({ event: 'kafka-client', ...Object.fromEntries(fields), leftOut }, message.slice(0, longestText))
  }
}

function fieldsOf(detail: object): Map<string, string | number> {
  const given = new Map<string, unknown>(Object.entries(detail))
  const fields = new Map<string, string | number>()
  for (const name of tellable) {
    const value = given.get(name)
    if (typeof value === 'string') fields.set(name, value.slice(0, longestText))
    else if (typeof value === 'number') fields.set(name, value)
  }
  return fields
}
