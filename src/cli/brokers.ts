import type { Command } from 'commander'
import { openClient, type Client } from '../kafka/client.ts'
import { connectionFrom } from '../kafka/connection.ts'

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

/** A client for a command. Throws CONFIG_INVALID with every problem of the flags and the environment. */
export function clientFor({ brokers }: BrokerFlags): Client {
  return openClient(connectionFrom({ ...process.env, ...(brokers !== undefined && { KAFKA_BROKERS: brokers }) }))
}
