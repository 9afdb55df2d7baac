import type { Command } from 'commander'
import { openClient, type Client } from '../kafka/client.ts'
import { connectionFrom, type Connection } from '../kafka/connection.ts'

export interface BrokerFlags {
  readonly brokers?: string
}

export const brokersHelp = `
Brokers: --brokers, or KAFKA_BROKERS in the environment. TLS and passwords come
from the environment alone (KAFKA_SSL…, KAFKA_SASL…); taster start --help lists
the variables.`

/** Adds the flag that says where the brokers are. */
export function brokerFlags(command: Command): Command {
  return command
    .optionsGroup('Where the brokers are:')
    .option('--brokers <host:port,…>', 'otherwise KAFKA_BROKERS says it')
}

export type Environment = Readonly<Record<string, string | undefined>>

/** How a command reaches the brokers. Throws CONFIG_INVALID with every problem of the flags and the environment. */
export function connectionOf({ brokers }: BrokerFlags, env: Environment): Connection {
  return connectionFrom({ ...env, ...(brokers !== undefined && { KAFKA_BROKERS: brokers }) })
}

/** A client for a command. Throws CONFIG_INVALID as `connectionOf` does. */
export const clientFor = (flags: BrokerFlags): Client => openClient(connectionOf(flags, process.env))
