import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Kafka, KafkaConfig, logCreator, Message, SASLOptions } from 'kafkajs'
import type { Connection } from './connection.ts'
import { ClusterOf, kafkajs, type Cluster } from './load.ts'
import type { OutRecord } from './wire/encode.ts'

export interface Client {
  readonly kafka: Kafka
  readonly connection: Connection
  /** A low-level cluster with connections of its own. */
  openCluster(): Cluster
}

export type ClientLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, detail: object) => void

const keepAliveMs = 60_000
const metadataMaxAgeMs = 300_000

// The first retry comes soon: a transaction that follows at once on another is told to try again for some milliseconds.
const retry = { initialRetryTime: 10, maxRetryTime: 1000, retries: 10, factor: 0.2, multiplier: 2 }

/**
 * A client of the brokers that a connection names; it connects to none before it is used. `log` gets what kafkajs has to
 * say, from level info on: never bytes of messages or secrets.
 */
export function openClient(connection: Connection, log?: ClientLog): Client {
  const { brokers, clientId, requestTimeoutMs } = connection
  const options = {
    brokers: [...brokers],
    clientId,
    ssl: connection.ssl === false ? undefined : { ...connection.ssl },
    sasl: connection.sasl === null ? undefined : ({ ...connection.sasl } as SASLOptions),
    socketFactory,
    connectionTimeout: Math.min(5000, requestTimeoutMs),
    authenticationTimeout: Math.min(10_000, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry,
  }
  const { NOTHING, INFO } = kafkajs.logLevel
  const kafka = new kafkajs.Kafka({
    ...(options as KafkaConfig),
    logLevel: log === undefined ? NOTHING : INFO,
    logCreator: logTo(log),
  })
  const cluster = { ...options, metadataMaxAge: metadataMaxAgeMs, allowAutoTopicCreation: false }
  return { kafka, connection, openCluster: () => new ClusterOf({ ...cluster, logger: kafka.logger() }) }
}

/** Records as kafkajs' producer takes them. Its types know headers only as an object; here they may be a list of pairs. */
export function producible(records: readonly (OutRecord & { readonly partition: number })[]): Message[] {
  return records as unknown as Message[]
}

interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly ssl: object | undefined
  readonly onConnect: () => void
}

// As kafkajs does it, and without the wait of up to 40 ms for more bytes to send (Nagle's algorithm).
function socketFactory({ host, port, ssl, onConnect }: SocketRequest) {
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect)
  return socket.setKeepAlive(true, keepAliveMs).setNoDelay(true)
}

function logTo(log: ClientLog | undefined): logCreator {
  return () =>
    ({ level, log: { message, timestamp: _timestamp, logger: _logger, ...detail } }) => {
      // Every message of ours names its partition, so the choice that this warning is about is never made.
      if (log === undefined || message.startsWith('KafkaJS v2.0.0 switched default partitioner')) return
      const { ERROR, WARN, INFO } = kafkajs.logLevel
      log(level <= ERROR ? 'error' : level <= WARN ? 'warn' : level <= INFO ? 'info' : 'debug', message, detail)
    }
}
