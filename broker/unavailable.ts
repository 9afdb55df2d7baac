const remedy = `Tests and benches on Kafka need a real broker, by one of these ways:
  - Java 17 and Maven on this machine (Debian: apt install openjdk-17-jre-headless maven): Apache Kafka is then
    downloaded once, started and stopped as needed
  - a Docker engine that can pull apache/kafka
  - KAFKA_BROKERS=host:port of a broker that may be filled with topics of tests
All other tests run without one: npm test -- --project unit (property, golden, contract, integration)`

/** What is thrown where no broker can be had. */
export function unavailable(problem: string, cause: unknown): Error {
  const of = cause instanceof Error ? cause : new Error(String(cause))
  const detail = ('stderr' in of && typeof of.stderr === 'string' && of.stderr.trim()) || of.message
  return new Error(`${problem}: ${detail.split('\n').slice(0, 5).join('\n')}\n\n${remedy}`, { cause })
}
