import { GenericContainer, getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers'
import type { Broker, Options } from './broker.ts'
import { kafkaVersion } from './distribution.ts'
import { untouchable } from './given.ts'
import { freePort } from './port.ts'
import { settings, type Properties } from './properties.ts'
import { untilReady } from './ready.ts'

/** A broker in a container, or null where no Docker engine answers or it cannot start the image; then a line says why. */
export async function dockerBroker(options: Options): Promise<Broker | null> {
  const engine = await getContainerRuntimeClient().catch(() => null)
  if (engine === null) return null
  try {
    return await startContainer(engine, options.properties ?? {})
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`broker: the Docker engine cannot run Apache Kafka: ${reason.split('\n')[0]}\n`)
    return null
  }
}

async function startContainer(engine: ContainerRuntimeClient, properties: Properties): Promise<Broker> {
  const port = await freePort() // chosen here, because the broker has to know where clients reach it
  const brokers = `${engine.info.containerRuntime.host}:${port}`
  const container = await new GenericContainer(`apache/kafka:${kafkaVersion()}`)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment(
      environment({
        'process.roles': 'broker,controller',
        'node.id': '1',
        'controller.quorum.voters': '1@localhost:9093',
        listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
        'advertised.listeners': `PLAINTEXT://${brokers}`,
        'controller.listener.names': 'CONTROLLER',
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        ...settings,
        ...properties,
      }),
    )
    .start()
  try {
    await untilReady(brokers, 120_000)
  } catch (error) {
    await container.stop()
    throw error
  }
  return { kind: 'testcontainers', brokers, ...untouchable, stop: async () => void (await container.stop()) }
}

/** The image takes each property as a variable: KAFKA_ and its name in capitals, a dot as _. */
const environment = (properties: Properties) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
  )
