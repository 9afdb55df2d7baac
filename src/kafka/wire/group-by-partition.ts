interface Grouping<M> {
  readonly topic: string
  readonly partitionMetadata: readonly { readonly partitionId: number }[]
  readonly messages: readonly M[]
  readonly partitioner: (choice: Pick<Grouping<M>, 'topic' | 'partitionMetadata'> & { message: M }) => number
}

/**
 * Takes the place of kafkajs' function of this kind, which takes quadratic time and whose caller drops messages for a
 * partition that the topic does not have. Here that is the protocol's error for it: kafkajs then looks the topic up
 * again, as it may have grown, and tries again within its limits.
 */
export function groupByPartition<M>({ topic, partitionMetadata, messages, partitioner }: Grouping<M>) {
  const groups = new Map<number, M[]>(partitionMetadata.map(({ partitionId }) => [partitionId, []]))
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message })
    const group = groups.get(partition)
    if (group === undefined) throw noSuchPartition(topic, partition)
    group.push(message)
  }
  return Object.fromEntries([...groups].filter(([, group]) => group.length > 0))
}

function noSuchPartition(topic: string, partition: number): Error {
  return Object.assign(new Error(`Topic ${topic} has no partition ${partition}`), {
    name: 'KafkaJSProtocolError',
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    code: 3,
    retriable: true,
  })
}
