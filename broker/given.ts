import type { Broker } from './broker.ts'
import { untilReady } from './ready.ts'
import { unavailable } from './unavailable.ts'

/** A broker that somebody else runs: it is used, and left as it is but for the topics of tests. */
export async function givenBroker(brokers: string): Promise<Broker> {
  await untilReady(brokers, 30_000).catch((error: unknown) => {
    throw unavailable(`No broker answers at ${brokers}, which KAFKA_BROKERS names`, error)
  })
  return { kind: 'given', brokers, ...untouchable, stop: async () => {} }
}

const refuse = async (): Promise<never> => {
  throw new Error('this broker is not ours to kill: start one with startJvmBroker')
}

/** Only a broker on the local JVM is killed and started again. */
export const untouchable = { kill: refuse, restart: refuse }
