/** What a response says of a topic, or of one of its partitions. */
export interface TopicAnswer {
  readonly topic: string
  readonly partition?: number
  readonly errorCode: number
}

/** The part of kafkajs' modules for responses that is replaced. */
export interface ResponseModule {
  parse: (data: never) => Promise<unknown>
}

export interface AddPartitionsAnswer {
  readonly errors: readonly {
    readonly topic: string
    readonly partitionErrors: readonly { readonly partition: number; readonly errorCode: number }[]
  }[]
}

export interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[]
  }[]
}

export interface MetadataAnswer {
  readonly topicMetadata: readonly {
    readonly topic: string
    readonly topicErrorCode: number
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly partitionErrorCode: number }[]
  }[]
}

const none = 0
const notAttempted = 55 // of a partition with which all is well, because of another one

/**
 * Parsing of a response that speaks of several topics. Throws the error of one of them, with its name: kafkajs takes the
 * first, which may only say that nothing was attempted because of another, and names none.
 */
export function parseOf<A>(
  answersIn: (data: A) => readonly TopicAnswer[],
  createErrorFromCode: (code: number) => Error,
): (data: A) => Promise<A> {
  return async (data) => {
    const failed = answersIn(data).filter(({ errorCode }) => errorCode !== none)
    const worst = failed.find(({ errorCode }) => errorCode !== notAttempted) ?? failed[0]
    if (worst === undefined) return data
    const error = createErrorFromCode(worst.errorCode)
    const { topic, partition } = worst
    error.message = `${error.message} (topic ${topic}${partition === undefined ? '' : `, partition ${partition}`})`
    throw error
  }
}

export function addPartitionsAnswers({ errors }: AddPartitionsAnswer): TopicAnswer[] {
  return errors.flatMap(({ topic, partitionErrors }) => partitionErrors.map((each) => ({ topic, ...each })))
}

export function produceAnswers({ topics }: ProduceAnswer): TopicAnswer[] {
  return topics.flatMap(({ topicName, partitions }) => partitions.map((each) => ({ topic: topicName, ...each })))
}

/** Topics first: where one is not there, there is nothing to say of its partitions. */
export function metadataAnswers({ topicMetadata }: MetadataAnswer): TopicAnswer[] {
  const topics = topicMetadata.map(({ topic, topicErrorCode }) => ({ topic, errorCode: topicErrorCode }))
  const partitions = topicMetadata.flatMap(({ topic, partitionMetadata }) =>
    partitionMetadata.map((each) => ({ topic, partition: each.partitionId, errorCode: each.partitionErrorCode })),
  )
  return [...topics, ...partitions]
}
