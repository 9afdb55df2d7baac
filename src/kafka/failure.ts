import { TasterError, type Code } from '../core/errors.ts'

interface Fault {
  readonly name: string
  readonly type: string // of the protocol; empty where it is none of its errors
  readonly message: string
}

type Classified = readonly [code: Code, remedy: string]

const config = (remedy: string): Classified => ['CONFIG_INVALID', remedy]
const denied = (remedy: string): Classified => ['ACCESS_DENIED', remedy]
const forbidden = (acl: string) => denied(`an administrator has to allow this user ${acl}`)
const refused = (remedy: string): Classified => ['OUTPUT_FAILED', remedy]
const tooLarge = (remedy: string): Classified => ['MESSAGE_TOO_LARGE', remedy]
const fenced: Classified = [
  'PRODUCER_FENCED',
  'another member has its work now, or it took too long: work goes on from what was committed',
]
const outOfRange: Classified = [
  'OFFSET_OUT_OF_RANGE',
  'records were deleted before they were read, or the topic is another one: keep them longer, set the offset at which ' +
    'the group is to go on (kafka-consumer-groups --reset-offsets), and start once with --rebuild-evidence',
]

/** The errors of the protocol that have a code of their own, each with what to do about it. */
const classified: ReadonlyMap<string, Classified> = new Map<string, Classified>([
  ['UNKNOWN_TOPIC_OR_PARTITION', ['TOPIC_MISSING', 'create it with `taster topics <pipeline>`']],
  ['TOPIC_AUTHORIZATION_FAILED', forbidden('READ on the topics it reads and WRITE on those it writes')],
  ['GROUP_AUTHORIZATION_FAILED', forbidden('READ on the consumer group')],
  [
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    forbidden('WRITE and DESCRIBE on transactional ids that begin with <group>.'),
  ],
  ['CLUSTER_AUTHORIZATION_FAILED', forbidden('the operation on the cluster')],
  ['UNSUPPORTED_SASL_MECHANISM', denied('set KAFKA_SASL_MECHANISM to one that the broker offers')],
  ['ILLEGAL_SASL_STATE', denied('see whether the listener of the broker wants SASL, and set KAFKA_SASL_MECHANISM')],
  ['SASL_AUTHENTICATION_FAILED', denied('check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD')],
  ['MESSAGE_TOO_LARGE', tooLarge('raise max.message.bytes of the topic')],
  ['RECORD_LIST_TOO_LARGE', tooLarge('raise segment.bytes of the topic')],
  [
    'INVALID_TIMESTAMP',
    refused("raise the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms"),
  ],
  ['INVALID_RECORD', refused('the topic refuses a record: a compacted topic takes none without a key')],
  ['POLICY_VIOLATION', refused('the cluster has a policy against it')],
  ['INVALID_TOPIC_EXCEPTION', config('use letters, digits, dots, hyphens and underscores')],
  ['INVALID_SESSION_TIMEOUT', config('set KAFKA_SESSION_TIMEOUT_MS to what the broker allows')],
  ['INVALID_TRANSACTION_TIMEOUT', config('raise transaction.max.timeout.ms of the broker')],
  ['INVALID_GROUP_ID', config("name the group in the pipeline's input.group")],
  [
    'INCONSISTENT_GROUP_PROTOCOL',
    config("the group has members of another kind: name another in the pipeline's input.group"),
  ],
  ['OFFSET_OUT_OF_RANGE', outOfRange],
  ['INVALID_PRODUCER_EPOCH', fenced],
  ['PRODUCER_FENCED', fenced],
  ['INVALID_TXN_STATE', fenced],
  ['INVALID_PRODUCER_ID_MAPPING', fenced],
  ['UNKNOWN_PRODUCER_ID', fenced],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', fenced],
  ['TRANSACTION_COORDINATOR_FENCED', fenced],
])

const ownMistakes = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'KafkaJSInvariantViolation'])
const deepest = 10

/**
 * What an error of the client or of the protocol means for the line, `doing` what it happened at ("reading topic mail").
 * kafkajs wraps errors in others: the innermost that says something decides. A TasterError is returned as it is; errors
 * of the language are ours, so INVARIANT_BROKEN; what has no code of its own is BROKER_UNAVAILABLE, to be tried again.
 */
export function kafkaFailure(error: unknown, doing: string): TasterError {
  const chain = causes(error)
  const known = chain.find((cause) => cause instanceof TasterError)
  if (known !== undefined) return known
  const what = doing.charAt(0).toUpperCase() + doing.slice(1)
  const failure = (code: Code, why: string, remedy: string) =>
    new TasterError(code, `${what} failed: ${why}; ${remedy}`, { cause: error })

  const faults = chain.map(faultOf)
  for (const { type, message } of faults) {
    const known = classified.get(type)
    if (known !== undefined) return failure(known[0], message, known[1])
  }
  const sasl = faults.find(({ name }) => name === 'KafkaJSSASLAuthenticationError')
  if (sasl !== undefined) {
    return failure('ACCESS_DENIED', sasl.message, 'check the KAFKA_SASL_… variables against what the broker expects')
  }
  const mistake = faults.find(({ name }) => ownMistakes.has(name))
  if (mistake !== undefined)
    return failure('INVARIANT_BROKEN', mistake.message, 'this is a fault of Taster: please report it')
  const last = faults.at(-1)
  return failure(
    'BROKER_UNAVAILABLE',
    last?.message ?? String(error),
    'see that the brokers of KAFKA_BROKERS run and can be reached',
  )
}

/** The error, what it wraps, and what that wraps. */
function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && !chain.includes(at) && chain.length < deepest;) {
    chain.push(at)
    const { errors } = at as { errors?: unknown }
    at = Array.isArray(errors) && errors[0] instanceof Error ? errors[0] : at.cause
  }
  return chain
}

function faultOf(error: Error): Fault {
  const { type } = error as { type?: unknown }
  // kafkajs knows the errors of the protocol up to number 88; a fenced producer is number 90 since Kafka 2.7.
  const unknown = /^Unknown error code (\d+)( \(|$)/.exec(error.message)?.[1]
  const named = unknown === '90' ? 'PRODUCER_FENCED' : typeof type === 'string' ? type : ''
  return { name: error.name, type: named, message: error.message }
}
