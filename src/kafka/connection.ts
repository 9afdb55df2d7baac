import { readFileSync } from 'node:fs'
import { TasterError, type Problem } from '../core/errors.ts'

export interface Tls {
  readonly ca?: string // PEM, as are the others
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized: true
}

export const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

export interface Sasl {
  readonly mechanism: (typeof mechanisms)[number]
  readonly username: string
  readonly password: string
}

/** How the brokers are reached. Holds secrets: it is never logged. */
export interface Connection {
  readonly brokers: readonly string[] // host:port
  readonly clientId: string
  readonly ssl: false | Tls
  readonly sasl: null | Sasl
  readonly sessionTimeoutMs: number // without a heartbeat for so long a member is out of its group
  readonly requestTimeoutMs: number
  readonly metadataMaxAgeMs: number // after so long a running member knows of partitions that were added to its topic
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The connection that environment variables describe: KAFKA_BROKERS (host:port, several with commas between),
 * KAFKA_CLIENT_ID, KAFKA_SSL (true or false), KAFKA_SSL_CA_FILE, KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE (PEM),
 * KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (either also as a file: …_FILE),
 * KAFKA_SESSION_TIMEOUT_MS, KAFKA_REQUEST_TIMEOUT_MS and KAFKA_METADATA_MAX_AGE_MS. An empty variable counts as not set.
 * Throws CONFIG_INVALID with every problem at once; no message holds a secret.
 */
export function connectionFrom(env: Environment): Connection {
  const reading = readingOf(env)
  const connection = {
    brokers: brokersOf(reading),
    clientId: clientIdOf(reading),
    ssl: tlsOf(reading),
    sasl: saslOf(reading),
    sessionTimeoutMs: milliseconds(reading, 'KAFKA_SESSION_TIMEOUT_MS', 30_000),
    requestTimeoutMs: milliseconds(reading, 'KAFKA_REQUEST_TIMEOUT_MS', 30_000),
    metadataMaxAgeMs: milliseconds(reading, 'KAFKA_METADATA_MAX_AGE_MS', 60_000),
  }
  if (reading.problems.length === 0) return connection
  throw new TasterError('CONFIG_INVALID', 'The connection to Kafka is not described rightly', {
    problems: reading.problems,
  })
}

interface Reading {
  readonly problems: readonly Problem[]
  readonly get: (name: string) => string | undefined
  readonly exactly: (name: string) => string | undefined
  /** The content of the file that a variable names. */
  readonly file: (name: string) => string | undefined
  readonly problem: (where: string, message: string, remedy: string) => undefined
}

function readingOf(env: Environment): Reading {
  const problems: Problem[] = []
  const get = (name: string) => env[name]?.trim() || undefined
  const exactly = (name: string) => env[name] || undefined
  const problem = (where: string, message: string, remedy: string): undefined => {
    problems.push({ where, message, remedy })
  }
  const file = (name: string) => {
    const path = get(name)
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      const { code = 'unreadable' } = error as { code?: string }
      return problem(name, `${path} cannot be read (${code})`, 'name a file that this process may read')
    }
  }
  return { problems, get, exactly, file, problem }
}

function brokersOf({ get, problem }: Reading): readonly string[] {
  const listed = get('KAFKA_BROKERS')
  const example = 'name brokers as host:port, like kafka-1:9092,kafka-2:9092'
  if (listed === undefined) problem('KAFKA_BROKERS', 'it is not set', example)
  const brokers = (listed ?? '').split(',').map((broker) => broker.trim())
  for (const [i, broker] of listed === undefined ? [] : brokers.entries()) {
    const port = Number(/^[^\s:/@]+:([0-9]{1,5})$/.exec(broker)?.[1])
    if (port >= 1 && port <= 65_535) continue
    problem('KAFKA_BROKERS', `broker ${i + 1} of ${brokers.length} is no host:port`, example) // may be a URL with a secret
  }
  return [...new Set(brokers)]
}

function clientIdOf({ get, problem }: Reading): string {
  const id = get('KAFKA_CLIENT_ID') ?? 'taster'
  if (!/^[a-zA-Z0-9._-]{1,200}$/.test(id)) {
    problem('KAFKA_CLIENT_ID', 'it has other characters than it may', 'use letters, digits, dots, hyphens, underscores')
  }
  return id
}

function milliseconds({ get, problem }: Reading, name: string, otherwise: number): number {
  const said = get(name)
  if (said === undefined) return otherwise
  const value = /^[0-9]{1,9}$/.test(said) ? Number(said) : NaN
  if (value >= 1000 && value <= 1_800_000) return value
  problem(name, `${JSON.stringify(said)} is not from 1000 to 1800000`, `give milliseconds, like ${otherwise}`)
  return otherwise
}

function tlsOf({ get, file, problem }: Reading): false | Tls {
  const said = get('KAFKA_SSL') ?? 'false'
  if (said !== 'true' && said !== 'false') {
    problem('KAFKA_SSL', `${JSON.stringify(said)} is neither true nor false`, 'set it to true for TLS')
  }
  const names = { ca: 'KAFKA_SSL_CA_FILE', cert: 'KAFKA_SSL_CERT_FILE', key: 'KAFKA_SSL_KEY_FILE' } as const
  if (said === 'false') {
    for (const name of Object.values(names)) {
      if (get(name) !== undefined) problem(name, 'it is set though KAFKA_SSL is not true', 'set KAFKA_SSL=true')
    }
    return false
  }
  if ((get(names.cert) === undefined) !== (get(names.key) === undefined)) {
    const [missing, given] = get(names.cert) === undefined ? [names.cert, names.key] : [names.key, names.cert]
    problem(missing, `it is not set though ${given} is`, 'a client certificate needs both')
  }
  const [ca, cert, key] = [file(names.ca), file(names.cert), file(names.key)]
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: true,
  }
}

function saslOf(reading: Reading): null | Sasl {
  const { get, problem } = reading
  const username = secret(reading, 'KAFKA_SASL_USERNAME')
  const password = secret(reading, 'KAFKA_SASL_PASSWORD')
  const said = get('KAFKA_SASL_MECHANISM')
  const choices = `set it to one of ${mechanisms.join(', ')}`
  if (said === undefined) {
    if (username.isSet || password.isSet) {
      problem('KAFKA_SASL_MECHANISM', 'it is not set though a user name or password is', choices)
    }
    return null
  }
  const mechanism = mechanisms.find((known) => known === said.toLowerCase())
  if (mechanism === undefined) problem('KAFKA_SASL_MECHANISM', `${JSON.stringify(said)} is not known`, choices)
  for (const [name, { isSet }] of [
    ['KAFKA_SASL_USERNAME', username],
    ['KAFKA_SASL_PASSWORD', password],
  ] as const) {
    if (!isSet) problem(name, 'it is not set though KAFKA_SASL_MECHANISM is', `set it, or ${name}_FILE`)
  }
  return { mechanism: mechanism ?? 'plain', username: username.value, password: password.value }
}

function secret({ get, exactly, file, problem }: Reading, name: string): { isSet: boolean; value: string } {
  const [said, path] = [exactly(name), get(`${name}_FILE`)]
  if (said !== undefined && path !== undefined) problem(name, `both it and ${name}_FILE are set`, 'set one of them')
  const value = said ?? file(`${name}_FILE`)?.replace(/\r?\n$/, '')
  if (value === '') problem(`${name}_FILE`, 'the file is empty', 'put the value into it')
  return { isSet: said !== undefined || path !== undefined, value: value ?? '' }
}
