import { dockerBroker } from './docker.ts'
import { givenBroker } from './given.ts'
import { startJvmBroker } from './jvm.ts'
import type { Properties } from './properties.ts'
import type { Security } from './security.ts'

export interface Options {
  readonly security?: Security // only on the local JVM
  readonly properties?: Properties // of server.properties, over those of the harness
}

export interface Broker {
  readonly brokers: string // host:port, comma separated; without TLS and password
  readonly kind: 'given' | 'testcontainers' | 'jvm'
  /** SIGKILL. Only a broker on the local JVM can be killed. */
  kill(): Promise<void>
  /** Starts the broker again where it was, with its data, after killing it if need be. Resolves when it is ready. */
  restart(): Promise<void>
  /** Ends the broker and removes its data; one that was given stays. */
  stop(): Promise<void>
}

/**
 * A real broker that is ready: the one that KAFKA_BROKERS names; else one in a container where a Docker engine answers;
 * else Apache Kafka on the local JVM. Throws, saying how to get one, where none of these is possible. Tests that kill
 * the broker or need a secured one ask for `startJvmBroker`.
 */
export async function startBroker(options: Options = {}): Promise<Broker> {
  if (options.security !== undefined) return startJvmBroker(options)
  const given = process.env['KAFKA_BROKERS']
  if (given !== undefined && given !== '') return givenBroker(given)
  return (await dockerBroker(options)) ?? startJvmBroker(options)
}
