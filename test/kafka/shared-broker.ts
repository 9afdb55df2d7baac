import type { TestProject } from 'vitest/node'
import { startBroker, type Broker } from '../../broker/broker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** host:port of the broker that all tests of a run share. Topics of tests have fresh names. */
    brokers: string
  }
}

let broker: Broker | undefined

export async function setup(project: TestProject): Promise<void> {
  const started = performance.now()
  broker = await startBroker()
  project.provide('brokers', broker.brokers)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stderr.write(`broker: ${broker.kind} at ${broker.brokers}, ready after ${seconds} s\n`)
}

export async function teardown(): Promise<void> {
  await broker?.stop()
}
