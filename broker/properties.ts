/** What server.properties holds, by name. */
export type Properties = Readonly<Record<string, string>>

export interface Listener {
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL'
  readonly port: number
}

const largestMessage = 16 * 2 ** 20 // bytes: for topics whose messages are as large as 12 MB

/** A broker that is its own controller, with small internal topics, quick to start and to expire what has gone away. */
export function singleNode(listeners: readonly Listener[], controllerPort: number): Properties {
  const controller = `CONTROLLER://127.0.0.1:${controllerPort}`
  const addresses = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`)
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: [...addresses, controller].join(','),
    'advertised.listeners': addresses.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': listeners[0]?.name ?? '',
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT',
      ...listeners.map((l) => `${l.name}:${l.protocol}`),
    ].join(),
    // a broker that was killed is taken in again only when the session of its former life is over
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    ...settings,
  }
}

/** The settings that a broker of any way has: what is not about its addresses. */
export const settings: Properties = {
  'num.partitions': '1',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '3',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'num.network.threads': '2',
  'num.io.threads': '2',
  'log.cleaner.dedupe.buffer.size': String(2 * 2 ** 20),
  'message.max.bytes': String(largestMessage),
  'replica.fetch.max.bytes': String(largestMessage),
}
